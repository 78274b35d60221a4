#pragma once
// Quantities with units, as configs write them: "32KiB", "80ns", "2GHz", "12.8GB/s".

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace baton::experiment {

enum class Quantity {
  bytes,      ///< B, KiB, MiB, GiB; kept in bytes
  time,       ///< ps, ns, us, ms, s; kept in picoseconds
  frequency,  ///< Hz, kHz, MHz, GHz; kept in hertz
  bandwidth,  ///< B/s, kB/s, MB/s, GB/s, TB/s; kept in bytes per second
};

/// The value of "NUMBER[ ]UNIT" in the quantity's base unit; nothing if it is malformed, has another unit, is
/// not a whole number of base units or exceeds 2^53.
std::optional<std::uint64_t> parse_quantity(std::string_view text, Quantity quantity);

/// The shortest exact spelling with the largest fitting unit; parse_quantity() gives the value back.
std::string format_quantity(std::uint64_t value, Quantity quantity);

/// The units of a quantity, smallest first: "B, KiB, MiB, GiB".
std::string unit_names(Quantity quantity);

}  // namespace baton::experiment
