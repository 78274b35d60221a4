#include "sim/experiment/units.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <span>

namespace baton::experiment {
namespace {

struct Scale {
  std::string_view name;
  std::uint64_t factor;
};

constexpr std::array<Scale, 4> byte_scales{
    {{"B", 1}, {"KiB", 1ULL << 10}, {"MiB", 1ULL << 20}, {"GiB", 1ULL << 30}}};
constexpr std::array<Scale, 5> time_scales{
    {{"ps", 1}, {"ns", 1'000}, {"us", 1'000'000}, {"ms", 1'000'000'000}, {"s", 1'000'000'000'000}}};
constexpr std::array<Scale, 4> frequency_scales{
    {{"Hz", 1}, {"kHz", 1'000}, {"MHz", 1'000'000}, {"GHz", 1'000'000'000}}};
constexpr std::array<Scale, 5> bandwidth_scales{
    {{"B/s", 1}, {"kB/s", 1'000}, {"MB/s", 1'000'000}, {"GB/s", 1'000'000'000}, {"TB/s", 1'000'000'000'000}}};

std::span<const Scale> scales(Quantity quantity) {
  switch (quantity) {
    case Quantity::bytes:
      return byte_scales;
    case Quantity::time:
      return time_scales;
    case Quantity::frequency:
      return frequency_scales;
    case Quantity::bandwidth:
      return bandwidth_scales;
  }
  return {};
}

}  // namespace

std::optional<std::uint64_t> parse_quantity(std::string_view text, Quantity quantity) {
  double number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || !std::isfinite(number) || number < 0) return std::nullopt;
  std::string_view unit = text.substr(static_cast<std::size_t>(end - text.data()));
  while (unit.starts_with(' ')) unit.remove_prefix(1);
  for (const Scale& scale : scales(quantity)) {
    if (scale.name != unit) continue;
    const double value = number * static_cast<double>(scale.factor);
    const double whole = std::round(value);
    // 12.8 has no exact binary form: a few units in the last place are the spelling's, not the author's; but
    // no part of a base unit, however large the number is. The quotient is what a whole number is read as,
    // and the product of that may be further off.
    const bool exact = number == whole / static_cast<double>(scale.factor);
    const double slack = std::min(1e-12 * whole, 0.5e-3);
    if (whole > 0x1p53 || (!exact && std::abs(value - whole) > slack)) return std::nullopt;
    return static_cast<std::uint64_t>(whole);
  }
  return std::nullopt;
}

std::string format_quantity(std::uint64_t value, Quantity quantity) {
  const auto units = scales(quantity);
  for (std::size_t i = units.size(); i-- > 0;) {
    const Scale& scale = units[i];
    if (i > 0 && value < scale.factor) continue;
    const std::uint64_t whole = value / scale.factor;
    std::uint64_t rest = value % scale.factor;
    std::string text = std::to_string(whole);
    if (rest > 0) {
      if (quantity == Quantity::bytes) continue;  // 1536 is 1536B, not 1.5KiB: sizes are counted exactly
      text += '.';
      for (std::uint64_t place = scale.factor / 10; rest > 0; place /= 10) {
        text += static_cast<char>('0' + rest / place);
        rest %= place;
      }
    }
    return text.append(scale.name);
  }
  return std::to_string(value).append(units.front().name);
}

std::string unit_names(Quantity quantity) {
  std::string text;
  for (const Scale& scale : scales(quantity)) {
    text.append(text.empty() ? "" : ", ").append(scale.name);
  }
  return text;
}

}  // namespace baton::experiment
