#include "traces/import/sigil_threads.hpp"

#include <algorithm>
#include <charconv>

#include "traces/import/lines.hpp"

namespace baton::traces {
namespace {

std::vector<std::uint64_t> numbers_of(std::string_view text) {
  std::vector<std::uint64_t> numbers;
  while (!text.empty()) {
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || (end != text.data() + text.size() && *end != ',')) return {};
    numbers.push_back(value);
    text.remove_prefix(std::min(text.size(), static_cast<std::size_t>(end - text.data()) + 1));
  }
  return numbers;
}

}  // namespace

SigilThreads read_sigil_threads(const std::string& path, Address first_counter) {
  SigilThreads threads;
  LineInput input(path);
  Address next_counter = first_counter;
  std::uint64_t line_number = 0;
  while (input.next_block(line_number)) {
    for (const char* p = input.begin(); p != input.end();) {
      const char* const end = std::find(p, input.end(), '\n');
      std::string_view line(p, static_cast<std::size_t>(end - p));
      p = end + 1;
      ++line_number;
      while (!line.empty() && is_blank(line.back())) line.remove_suffix(1);
      const bool creates = line.starts_with("##");
      if (!creates && !line.starts_with("**")) continue;  // totals
      const auto numbers = numbers_of(line.substr(2));
      const bool right =
          numbers.size() >= 2 && std::all_of(numbers.begin() + 1, numbers.end(), [](auto thread) {
            return thread >= 1 && thread < maximum_sigil_threads;
          });
      if (!right || (creates && numbers.size() != 2)) {
        throw InputError(path, "line " + std::to_string(line_number),
                         "not a line of sigil.pthread.out, found " + quoted(line) +
                             ", allowed ##address,thread and **address,thread,thread… in decimal");
      }
      if (creates) {
        threads.by_address[numbers[0]] = numbers[1];
        threads.created.insert(numbers[1]);
      } else {
        threads.barriers[numbers[0]] = {next_counter, {numbers.begin() + 1, numbers.end()}};
        next_counter += numbers.size() - 1;
      }
    }
  }
  return threads;
}

}  // namespace baton::traces
