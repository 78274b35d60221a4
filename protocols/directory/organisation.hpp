#pragma once
// The options that every directory protocol has: how the home keeps its sharers. README.md describes them.

#include <charconv>
#include <cstdint>
#include <string_view>
#include <type_traits>

#include "protocols/core/variant.hpp"

namespace baton::directory {

/// Which rows a table needs.
enum class Precision : std::uint8_t {
  exact,    ///< the home knows the sharers; a cache without the line never gets an Inv
  limited,  ///< it knows them, and invalidates one when it has no pointer left
  coarse    ///< it may count caches among the sharers that have no copy
};

inline constexpr std::string_view organisations[] = {"full_map", "broadcast", "limited_broadcast", "limited",
                                                     "coarse_vector"};
inline constexpr std::string_view with_pointers[] = {"limited_broadcast", "limited", "coarse_vector"};
inline constexpr std::string_view with_regions[] = {"coarse_vector"};
inline constexpr std::string_view checked_sparse[] = {"full_map", "broadcast"};
inline constexpr std::string_view pointer_counts[] = {"4", "1", "2", "3", "6", "8", "16", "32"};
inline constexpr std::string_view checked_pointers[] = {"1", "2"};
inline constexpr std::string_view region_sizes[] = {"4", "2", "8", "16", "32", "64"};
inline constexpr std::string_view checked_regions[] = {"2"};
inline constexpr std::string_view entry_counts[] = {"unlimited", "4",    "16",   "64",
                                                    "256",       "1024", "4096", "16384"};
inline constexpr std::string_view checked_entries[] = {"unlimited", "4"};

inline constexpr ProtocolOption directory_option{
    "directory", organisations,
    "what an entry knows of the sharers. full_map: all of them; broadcast: nothing, a write to a line in S "
    "invalidates all other caches; limited_broadcast (Dir_i_B): up to `pointers`, beyond as broadcast; "
    "limited "
    "(Dir_i_NB): up to `pointers`, one more takes the place of another, which is invalidated; coarse_vector "
    "(Dir_i_CV_r): up to `pointers`, beyond a bit for each `region`"};
inline constexpr ProtocolOption pointers_option{
    "pointers",       pointer_counts, "sharers that an entry of a limited or coarse directory can name",
    checked_pointers, "directory",    with_pointers};
inline constexpr ProtocolOption region_option{
    "region",        region_sizes, "caches that share a bit of an entry, where directory is coarse_vector",
    checked_regions, "directory",  with_regions};
inline constexpr ProtocolOption entries_option{"entries",
                                               entry_counts,
                                               "of each home's directory, in sets of up to 8; an entry that "
                                               "has to give way has its line's copies recalled",
                                               checked_entries,
                                               "directory",
                                               checked_sparse};

inline constexpr std::string_view atomic_policies[] = {"near", "far", "predict"};
inline constexpr std::string_view checked_atomics[] = {"full_map"};
inline constexpr ProtocolOption atomics_option{
    "atomics",
    atomic_policies,
    "where a read-modify-write is done that does not find the line owned by its cache. near: in the cache, "
    "as "
    "a store; far: at the home; predict: where the cache's predictor says",
    {},
    "directory",
    checked_atomics};

enum class Atomics : std::uint8_t { near, far, predict };

/// What the options of a directory protocol choose.
struct Organisation {
  Precision precision = Precision::exact;
  SharerFormat format{};
  std::uint32_t entries = 0;  ///< 0: without limit
  Atomics atomics = Atomics::near;
};

inline std::uint32_t number(std::string_view digits) {
  std::uint32_t value = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), value);
  return value;
}

inline Organisation organisation(const OptionValues& values) {
  Organisation result;
  const std::string_view name = chosen(values, directory_option);
  const auto pointers = static_cast<NodeId>(number(chosen(values, pointers_option)));
  if (name != "full_map") {
    result.precision = name == "limited" ? Precision::limited : Precision::coarse;
    result.format.silent = result.precision == Precision::coarse;
    result.format.pointers = name == "broadcast" ? NodeId{0} : pointers;
  }
  if (name == "coarse_vector")
    result.format.region = static_cast<NodeId>(number(chosen(values, region_option)));
  const std::string_view entries = chosen(values, entries_option);
  if (entries != "unlimited") result.entries = number(entries);
  const std::string_view atomics = chosen(values, atomics_option);
  if (atomics != "near") result.atomics = atomics == "far" ? Atomics::far : Atomics::predict;
  return result;
}

/// Calls f(std::integral_constant) with the value, so that it can choose a table made at compile time.
template <class F>
auto choose(Precision precision, F&& f) {
  using enum Precision;
  if (precision == limited) return f(std::integral_constant<Precision, limited>{});
  if (precision == coarse) return f(std::integral_constant<Precision, coarse>{});
  return f(std::integral_constant<Precision, exact>{});
}
template <class F>
auto choose(Atomics atomics, F&& f) {
  using enum Atomics;
  if (atomics == far) return f(std::integral_constant<Atomics, far>{});
  if (atomics == predict) return f(std::integral_constant<Atomics, predict>{});
  return f(std::integral_constant<Atomics, near>{});
}
template <class F>
auto choose(bool value, F&& f) {
  return value ? f(std::true_type{}) : f(std::false_type{});
}

template <class P>
Variant<P> variant(const Organisation& organisation, const TableView<CacheContext<P>>& cache,
                   const TableView<HomeContext<P>>& home) {
  return {cache,
          home,
          false,
          organisation.format,
          organisation.entries,
          organisation.atomics == Atomics::predict};
}

}  // namespace baton::directory
