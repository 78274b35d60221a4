// Does the directory find each line's entry, and leave it where it is?

#include "sim/machine/directory.hpp"

#include <unordered_map>

#include <catch2/catch.hpp>

#include "traces/synthetic/random.hpp"

using namespace baton;
using namespace baton::sim;

namespace {

struct Entry {
  std::uint64_t value = 0;
};

}  // namespace

TEST_CASE("each line has one entry, numbered in the order of addition, which never moves") {
  for (const std::uint64_t stride : {1ULL, 64ULL, 1ULL << 32, 0x9E3779B97F4A7C15ULL}) {
    Directory<Entry> directory;
    std::unordered_map<LineNumber, std::pair<std::uint32_t, Entry*>> model;
    traces::Random random(stride, 1);
    for (int step = 0; step < 20'000; ++step) {
      const LineNumber line = random.below(5'000) * stride;
      const auto known = model.find(line);
      if ((known == model.end()) != (directory.find(line).entry == nullptr)) FAIL("step " << step);
      if (random.below(4) == 0) continue;
      const auto [id, entry] = directory.find_or_add(line);
      if (known == model.end()) {
        if (id != model.size()) FAIL("step " << step << ": number " << id);
        if (entry->value != 0) FAIL("a new entry is not empty");
        entry->value = line + 1;
        model.emplace(line, std::pair(id, entry));
      } else if (id != known->second.first || entry != known->second.second) {
        FAIL("step " << step << ": the entry has moved");
      } else if (entry->value != line + 1) {
        FAIL("step " << step << ": another line's entry");
      }
    }
    CHECK(directory.size() == model.size());
    for (const auto& [line, entry] : model)
      if (directory.find(line).id != entry.first || directory.find(line).entry != entry.second)
        FAIL("line " << line << " is lost");
  }
}
