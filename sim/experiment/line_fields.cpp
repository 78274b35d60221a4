#include "sim/experiment/line_fields.hpp"

#include <algorithm>
#include <charconv>
#include <iterator>

namespace baton::experiment {
namespace {

/// "a.b[7].c": what comes before the last index, the index and what comes behind; -1 if there is none.
struct Indexed {
  explicit Indexed(const std::string& name) {
    const std::size_t open = name.rfind('[');
    const std::size_t close = name.find(']', open == std::string::npos ? name.size() : open);
    if (close == std::string::npos) return;
    const auto [end, error] = std::from_chars(name.data() + open + 1, name.data() + close, index);
    if (error != std::errc() || end != name.data() + close) {
      index = -1;
      return;
    }
    before = name.substr(0, open + 1);
    behind = name.substr(close);
  }
  std::string before;
  std::int64_t index = -1;
  std::string behind;
};

void unite(std::vector<std::uint32_t>& cores, const std::vector<std::uint32_t>& more) {
  std::vector<std::uint32_t> all;
  std::ranges::set_union(cores, more, std::back_inserter(all));
  cores = std::move(all);
}

/// Elements of an array that the same cores touch are one.
std::vector<LineField> with_ranges(const std::vector<LineField>& fields) {
  std::vector<LineField> result;
  for (std::size_t i = 0; i < fields.size();) {
    LineField one = fields[i];
    const Indexed first(one.name);
    std::size_t end = i + 1;
    for (; first.index >= 0 && end < fields.size(); ++end) {
      const LineField& other = fields[end];
      const Indexed next(other.name);
      if (next.before != first.before || next.behind != first.behind ||
          next.index != first.index + static_cast<std::int64_t>(end - i) || other.read_by != one.read_by ||
          other.written_by != one.written_by) {
        break;
      }
      one.last_byte = other.last_byte;
      one.name = first.before + std::to_string(first.index) + "-" + std::to_string(next.index) + first.behind;
    }
    result.push_back(std::move(one));
    i = end;
  }
  return result;
}

}  // namespace

std::vector<LineField> line_fields(const std::map<std::uint32_t, sim::CoreTouches>& touches,
                                   std::uint32_t line_bytes, std::uint32_t granule_bytes,
                                   const std::function<std::optional<std::string>(std::uint32_t)>& name_of) {
  std::vector<LineField> fields;
  for (std::uint32_t byte = 0; byte < line_bytes; ++byte) {
    const std::uint32_t bit = byte / granule_bytes;
    LineField here{.name = "", .first_byte = byte, .last_byte = byte, .read_by = {}, .written_by = {}};
    for (const auto& [core, of_core] : touches) {
      if ((of_core.read >> bit & 1U) != 0) here.read_by.push_back(core);
      if ((of_core.written >> bit & 1U) != 0) here.written_by.push_back(core);
    }
    if (here.read_by.empty() && here.written_by.empty()) continue;
    const auto name = name_of(byte);
    if (!name) continue;
    if (!fields.empty() && fields.back().name == *name && fields.back().last_byte + 1 == byte) {
      fields.back().last_byte = byte;
      unite(fields.back().read_by, here.read_by);
      unite(fields.back().written_by, here.written_by);
      continue;
    }
    here.name = *name;
    fields.push_back(std::move(here));
  }
  return with_ranges(fields);
}

std::string number_ranges(const std::vector<std::uint32_t>& numbers) {
  std::string text;
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    std::size_t end = i;
    while (end + 1 < numbers.size() && numbers[end + 1] == numbers[end] + 1) ++end;
    text += (text.empty() ? "" : ",") + std::to_string(numbers[i]);
    if (end > i) text += "-" + std::to_string(numbers[end]);
    i = end;
  }
  return text;
}

}  // namespace baton::experiment
