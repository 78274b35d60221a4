#pragma once
// What a protocol offers under given options: its two tables. Also what every traits class P must look like.

#include <concepts>
#include <map>
#include <span>
#include <string>
#include <string_view>

#include "protocols/core/context.hpp"
#include "protocols/core/table.hpp"

namespace baton {

/// A choice among named values; the first is the default.
struct ProtocolOption {
  std::string_view name;
  std::span<const std::string_view> values;
  std::string_view meaning;
  /// The values that all_variants goes through; empty: all. A number that only bounds something need not be
  /// checked at every size.
  std::span<const std::string_view> checked{};
  /// all_variants leaves this option alone unless the option named here has one of these values.
  std::string_view only_with{};
  std::span<const std::string_view> only_with_values{};
};

/// Holds only known names and values; an absent name means the default.
using OptionValues = std::map<std::string, std::string>;

inline std::string_view chosen(const OptionValues& values, const ProtocolOption& option) {
  const auto found = values.find(std::string(option.name));
  return found == values.end() ? option.values.front() : std::string_view(found->second);
}

template <class P>
struct Variant {
  TableView<CacheContext<P>> cache;
  TableView<HomeContext<P>> home;
  bool ideal_transfer = false;  ///< ownership and data move in `transfer_cycles`, whatever the distance
  SharerFormat format{};
  std::uint32_t entries = 0;  ///< of a home's directory, before it recalls; 0: without limit
  /// No table or format prefers a cache for its number: the checker may take states for one that differ in
  /// names.
  bool symmetric = true;
  bool predicts_atomics = false;  ///< the cache chooses between Rmw and RmwFar at each miss
  // Of protocols with logical time.
  Tick lease = 0;                    ///< for how long a reader may keep a copy, in ticks, >= 1
  std::uint32_t self_increment = 0;  ///< a core's clock goes on by itself at every so many accesses, >= 1
};

/// A state is transient iff its name has an underscore: XY_AD goes from X to Y and waits for acks and data.
template <class State>
constexpr bool is_stable(State state) {
  return name_of(state).find('_') == std::string_view::npos;
}

/// Permissions follow from the table: what a hit cell allows.
template <class P>
constexpr bool is_readable(const Variant<P>& variant, typename P::CacheState state) {
  return variant.cache.is_hit(state, P::CacheEvent::Load);
}
template <class P>
constexpr bool is_writable(const Variant<P>& variant, typename P::CacheState state) {
  return variant.cache.is_hit(state, P::CacheEvent::Store);
}

/// The conventions that simulator, checker and printer rely on.
template <class P>
concept CoherenceProtocol = requires(const typename P::Line& line, const typename P::Entry& entry,
                                     const Message& message, const OptionValues& values) {
  requires std::same_as<decltype(P::name), const std::string_view>;
  requires std::same_as<decltype(P::summary), const std::string_view>;
  requires index(P::CacheState::I)
  == 0;
  requires index(P::CacheEvent::Load)
  == 0 && index(P::CacheEvent::Store) == 1;
  requires index(P::CacheEvent::Rmw)
  == 2 && index(P::CacheEvent::Replace) == 3;
  requires P::kinds.size() == enum_count<typename P::Kind>;
  { line.state } -> std::convertible_to<typename P::CacheState>;
  { line.data } -> std::convertible_to<Value>;
  { entry.state } -> std::convertible_to<typename P::HomeState>;
  { entry.data } -> std::convertible_to<Value>;
  { P::ordered[virtual_networks - 1] } -> std::convertible_to<bool>;
  {std::span<const ProtocolOption>(P::options)};
  { P::classify(line, message) } -> std::same_as<typename P::CacheEvent>;
  { P::classify(entry, message) } -> std::same_as<typename P::HomeEvent>;
  { P::variant(values) } -> std::same_as<Variant<P>>;
};

}  // namespace baton
