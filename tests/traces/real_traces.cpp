// Excerpts of PARSEC's blackscholes, counted independently.
#include <cinttypes>
#include <cstdio>

#include "tests/traces/import_support.hpp"

using namespace baton::traces;
using namespace baton::traces::test;

TEST_CASE("blackscholes, one file of all cores") {
  const std::string folder = shared_traces();
  if (folder.empty()) return;
  const std::string path = folder + "/blackscholes_10k.trace.gz";
  const auto read = read_global(path);
  REQUIRE(read.size() == 10'000);
  gzFile file = gzopen(path.c_str(), "rb");
  REQUIRE(file != nullptr);
  char line[256];
  std::uint64_t loads = 0, stores = 0;
  for (std::size_t i = 0; gzgets(file, line, sizeof line) != nullptr; ++i) {
    unsigned core = 0;
    char op = 0;
    std::uint64_t address = 0;
    REQUIRE(std::sscanf(line, "%u %c %" SCNx64, &core, &op, &address) == 3);
    REQUIRE(i < read.size());
    REQUIRE(read[i].core == core);
    REQUIRE(read[i].operation == Operation{address, 0, static_cast<std::uint16_t>(8 - address % 8),
                                           op == 'r' ? Kind::load : Kind::store});
    (op == 'r' ? loads : stores) += 1;
  }
  gzclose(file);
  const TraceSummary summary = inspect({.path = path});
  CHECK(summary.accesses == 10'000);
  CHECK(summary.loads == loads);
  CHECK(summary.stores == stores);
  CHECK(summary.rmws == 0);
  CHECK(summary.cores == 4);
}

TEST_CASE("blackscholes, one file a core") {
  const std::string folder = shared_traces();
  if (folder.empty()) return;
  TraceWorkload workload({.path = folder + "/blackscholes_tiny_{core}.data.gz"});
  REQUIRE(workload.cores() == 4);
  for (int core = 0; core < 4; ++core) {
    const auto read = drain(*workload.stream(core));
    gzFile file = gzopen((folder + "/blackscholes_tiny_" + std::to_string(core) + ".data.gz").c_str(), "rb");
    REQUIRE(file != nullptr);
    char line[256];
    std::size_t i = 0;
    std::uint64_t work = 0;
    while (gzgets(file, line, sizeof line) != nullptr) {
      unsigned label = 0;
      std::uint64_t value = 0;
      if (std::sscanf(line, "%u %" SCNx64, &label, &value) != 2) continue;
      if (label == 2) {
        work += value;
        continue;
      }
      REQUIRE(i < read.size());
      REQUIRE(read[i] == Operation{value, static_cast<std::uint32_t>(work),
                                   static_cast<std::uint16_t>(8 - value % 8),
                                   label == 0 ? Kind::load : Kind::store});
      work = 0;
      ++i;
    }
    gzclose(file);
    CHECK(i == read.size());
    CHECK(i == 4999);
  }
}
