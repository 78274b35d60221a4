#pragma once
// Names and count of the enumerators of an enum whose values are 0, 1, 2, … without gaps, taken from the
// compiler, so that a state or an event is written down once. (Debian has no package of such a library.)

#include <array>
#include <cstddef>
#include <string_view>
#include <utility>

namespace baton {
namespace detail {

template <auto E>
consteval std::string_view enumerator_name() {
  // g++:   "... enumerator_name() [with auto E = baton::mesi::CacheState::I; std::string_view = ...]"
  // clang: "... enumerator_name() [E = baton::mesi::CacheState::I]"; a value without a name prints as "(…)3".
  std::string_view text = __PRETTY_FUNCTION__;
  text.remove_prefix(text.find("E = ") + 4);
  text = text.substr(0, text.find_first_of(";]"));
  const auto cast = text.rfind(')');  // clang also writes "(anonymous namespace)::State::I"
  if (cast != std::string_view::npos && text[cast + 1] != ':') return {};
  return text.substr(text.rfind(':') + 1);
}

template <class E, std::size_t I = 0>
consteval std::size_t count_enumerators() {
  if constexpr (enumerator_name<static_cast<E>(I)>().empty())
    return I;
  else
    return count_enumerators<E, I + 1>();
}

}  // namespace detail

template <class E>
inline constexpr std::size_t enum_count = detail::count_enumerators<E>();

template <class E>
inline constexpr auto enum_names = []<std::size_t... I>(std::index_sequence<I...>) {
  return std::array<std::string_view, sizeof...(I)>{detail::enumerator_name<static_cast<E>(I)>()...};
}
(std::make_index_sequence<enum_count<E>>{});

template <class E>
constexpr std::size_t index(E e) {
  return static_cast<std::size_t>(e);
}

template <class E>
constexpr std::string_view name_of(E e) {
  return enum_names<E>[index(e)];
}

}  // namespace baton
