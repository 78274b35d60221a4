#include "sim/machine/timeline.hpp"

#include <algorithm>
#include <charconv>
#include <map>
#include <set>

namespace baton::sim {
namespace {

// Process numbers of the file: they group the tracks.
constexpr int of_cores = 1;
constexpr int of_lines = 2;

const char* name_of_access(traces::Kind kind) {
  switch (kind) {
    case traces::Kind::store:
      return "store";
    case traces::Kind::rmw:
      return "rmw";
    case traces::Kind::spin:
      return "spin";
    default:
      return "load";
  }
}

// Only of what this program names: no character needs to be escaped but those of a title.
std::string quoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
  }
  return out + "\"";
}

void add_name(std::string& text, const char* what, int process, std::uint64_t track,
              const std::string& name) {
  text += "{\"ph\":\"M\",\"name\":\"" + std::string(what) + "\",\"pid\":" + std::to_string(process) +
          ",\"tid\":" + std::to_string(track) + ",\"args\":{\"name\":" + quoted(name) + "}},\n";
}

}  // namespace

void Timeline::set_machine(const MachineParameters& machine) {
  microseconds_per_cycle_ = 1e6 / static_cast<double>(machine.clock_hz);
  line_bytes_ = machine.cache.line_bytes;
  cores_ = machine.cores;
  // What can be in flight at once is on tracks of its own: slices of a track must not overlap.
  const bool tso = machine.core.consistency == "tso";
  tracks_ = machine.core.outstanding_loads == 1 && !tso ? 1 : 2 + machine.core.outstanding_loads;
  requests_.resize(machine.cores);
}

bool Timeline::is_full(Cycle at) {
  if (cut_at_ == never && slices_.size() < most_ && holdings_.size() < 4 * most_) return false;
  cut_at_ = std::min(cut_at_, at);
  return true;
}

// 0: the core; then its loads at once; then its store buffer.
std::uint32_t Timeline::track_of(std::uint32_t ticket) const {
  return tracks_ == 1 ? 0 : std::min(1 + std::min(ticket, tracks_), tracks_ - 1);
}

std::string Timeline::track_name(std::uint32_t track) const {
  if (track == 0) return "";
  if (track == tracks_ - 1) return ", store buffer";
  return ", miss " + std::to_string(track);
}

void Timeline::requested(NodeId node, LineNumber line, std::string_view message) {
  if (cut_at_ == never) requests_[node].emplace_back(line, message);
}

void Timeline::transaction(NodeId node, std::uint32_t ticket, LineNumber line, traces::Kind kind, Cycle from,
                           Cycle to) {
  if (is_full(to)) return;
  auto& requests = requests_[node];
  const auto found = std::find_if(requests.begin(), requests.end(),
                                  [&](const auto& request) { return request.first == line; });
  std::string_view message = "miss";
  if (found != requests.end()) {
    message = found->second;
    requests.erase(found);
  }
  slices_.push_back({from, to, line, message, name_of_access(kind), node, track_of(ticket)});
}

void Timeline::stall(NodeId node, std::string_view what, Cycle from, Cycle to) {
  if (!is_full(to)) slices_.push_back({from, to, 0, what, nullptr, node, 0});
}

void Timeline::permission(LineNumber line, NodeId node, Permission before, Permission after, Cycle at) {
  if (before == after || is_full(at)) return;
  holdings_.push_back({at, line, node, before, after});
}

// The lines whose transactions took longest in all.
std::vector<LineNumber> Timeline::hottest() const {
  std::map<LineNumber, Cycle> cycles;
  for (const Slice& slice : slices_)
    if (slice.access != nullptr) cycles[slice.line] += slice.to - slice.from;
  std::vector<std::pair<Cycle, LineNumber>> order;
  for (const auto& [line, sum] : cycles) order.emplace_back(~sum, line);
  std::sort(order.begin(), order.end());
  if (order.size() > lines_shown) order.resize(lines_shown);
  std::vector<LineNumber> lines;
  for (const auto& [sum, line] : order) lines.push_back(line);
  return lines;
}

std::string Timeline::hex(LineNumber line) const {
  char text[16];
  const auto end = std::to_chars(text, text + sizeof text, line * line_bytes_, 16).ptr;
  return "0x" + std::string(text, end);
}

// Times of the format are in microseconds.
std::string Timeline::span(Cycle from, Cycle to) const {
  const auto microseconds = [this](Cycle cycles) {
    char text[64];
    const auto end =
        std::to_chars(text, text + sizeof text, static_cast<double>(cycles) * microseconds_per_cycle_,
                      std::chars_format::fixed, 6)
            .ptr;
    return std::string(text, end);
  };
  return "\"ts\":" + microseconds(from) + ",\"dur\":" + microseconds(to - from);
}

void Timeline::add_names(std::string& text, const std::vector<LineNumber>& lines) const {
  add_name(text, "process_name", of_cores, 0, "cores");
  std::set<std::pair<NodeId, std::uint32_t>> used;
  for (const Slice& slice : slices_) used.emplace(slice.node, slice.track);
  for (const auto& [node, track] : used)
    add_name(text, "thread_name", of_cores, 1 + std::uint64_t{node} * tracks_ + track,
             "core " + std::to_string(node) + track_name(track));
  if (lines.empty()) return;
  add_name(text, "process_name", of_lines, 0, "lines: who owns them");
  for (std::size_t i = 0; i < lines.size(); ++i)
    add_name(text, "thread_name", of_lines, first_line_track() + i, "line " + hex(lines[i]));
}

void Timeline::add_slice(std::string& text, const Slice& slice) const {
  const std::string cycles = std::to_string(slice.to - slice.from);
  text += "{\"ph\":\"X\",\"pid\":" + std::to_string(of_cores) +
          ",\"tid\":" + std::to_string(1 + std::uint64_t{slice.node} * tracks_ + slice.track) + "," +
          span(slice.from, slice.to);
  if (slice.access == nullptr) {
    text += ",\"cat\":\"stall\",\"name\":" + quoted(slice.what) + ",\"args\":{\"cycles\":" + cycles + "}},\n";
    return;
  }
  const std::string line = hex(slice.line);
  text += ",\"cat\":\"transaction\",\"name\":\"" + std::string(slice.what) + " line " + line +
          "\",\"args\":{\"line\":\"" + line + "\",\"access\":\"" + slice.access + "\",\"cycles\":" + cycles +
          ",\"from_cycle\":" + std::to_string(slice.from) + "}},\n";
}

// Who may write or read the line, as slices without gaps, up to `end`.
void Timeline::add_ownership(std::string& text, std::size_t index, LineNumber line, Cycle end) const {
  std::set<NodeId> readers;
  std::set<NodeId> writers;
  const auto owner = [&]() -> std::string {
    if (!writers.empty()) return "core " + std::to_string(*writers.begin());
    if (readers.empty()) return "home";
    if (readers.size() == 1) return "core " + std::to_string(*readers.begin()) + " reads";
    return "shared by " + std::to_string(readers.size());
  };
  Cycle since = 0;
  std::string held = owner();
  const auto close = [&](Cycle at) {
    if (at == since) return;
    text += "{\"ph\":\"X\",\"pid\":" + std::to_string(of_lines) +
            ",\"tid\":" + std::to_string(first_line_track() + index) + "," + span(since, at) +
            ",\"cat\":\"ownership\",\"name\":\"" + held + "\",\"args\":{\"line\":\"" + hex(line) + "\"}},\n";
    since = at;
  };
  for (const Holding& holding : holdings_) {
    if (holding.line != line) continue;
    readers.erase(holding.node);
    writers.erase(holding.node);
    if (holding.after == Permission::read) readers.insert(holding.node);
    if (holding.after == Permission::write) writers.insert(holding.node);
    const std::string now = owner();
    if (now == held) continue;
    close(holding.at);
    held = now;
  }
  close(end);
}

std::string Timeline::json(std::string_view title, Cycle end) const {
  const bool cut = cut_at_ != never;
  const Cycle last = cut ? cut_at_ : end;
  std::vector<LineNumber> lines = hottest();
  // Changes of the lines shown, as many as there is room for: the hottest first.
  std::map<LineNumber, std::size_t> changes;
  for (const Holding& holding : holdings_) ++changes[holding.line];
  std::size_t room = most_;
  std::erase_if(lines, [&](LineNumber line) {
    if (changes[line] + 1 > room) return true;
    room -= changes[line] + 1;
    return false;
  });
  std::string text = "{\"displayTimeUnit\":\"ns\",\n\"otherData\":{\"title\":" + quoted(title) +
                     ",\"cycles\":" + std::to_string(end) + ",\"cut\":" + (cut ? "true" : "false");
  if (cut)
    text += ",\"cut_at_cycle\":" + std::to_string(cut_at_) + ",\"note\":\"cut after the first " +
            std::to_string(slices_.size()) + " transactions and stalls: the run went on\"";
  text += "},\n\"traceEvents\":[\n";
  add_names(text, lines);
  for (const Slice& slice : slices_) add_slice(text, slice);
  for (std::size_t i = 0; i < lines.size(); ++i) add_ownership(text, i, lines[i], last);
  text.erase(text.size() - 2);
  return text + "\n]}\n";
}

}  // namespace baton::sim
