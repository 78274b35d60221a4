// Which machines cannot be built, and what does the user read then?

#include <catch2/catch.hpp>

#include "tests/support/simulate.hpp"

using namespace baton;
using namespace baton::test;
using sim::check_parameters;

namespace {

using Change = std::function<void(MachineParameters&)>;

/// "POINTER: message" of every error, a line each.
std::string errors_of(const Change& change, const ProtocolChoice& protocol = full_map) {
  MachineParameters machine;
  change(machine);
  std::string text;
  for (const auto& error : check_parameters(machine, protocol))
    text += (text.empty() ? "" : "\n") + error.pointer + ": " + error.message;
  return text;
}

}  // namespace

TEST_CASE("the defaults are a machine") {
  CHECK(errors_of([](auto&) {}) == "");
  for (const auto& named : every_choice()) {
    const bool snoops = find_protocol(named.choice.name)->snoops();
    const std::string no_bus =
        "/network/topology: \"mesh\" is no bus, and " + named.choice.name + " snoops; allowed: \"bus\"";
    CHECK(errors_of([](auto&) {}, named.choice) == (snoops ? no_bus : ""));
    CHECK(errors_of([](auto& m) { m.network.topology = "bus"; }, named.choice) == "");
  }
}

TEST_CASE("a cache needs a power of two of sets") {
  CHECK(errors_of([](auto& m) { m.cache.size_bytes = 24 * 1024; }) ==
        "/cache/size: 24576 bytes are no power of two of sets of 512 bytes (ways times line)");
  CHECK(errors_of([](auto& m) { m.cache.size_bytes = 32 * 1024 + 1; }) ==
        "/cache/size: 32769 bytes are no power of two of sets of 512 bytes (ways times line)");
  CHECK(errors_of([](auto& m) { m.cache.ways = 3; }) ==
        "/cache/size: 32768 bytes are no power of two of sets of 192 bytes (ways times line)");
  CHECK(errors_of([](auto& m) {
          m.cache.ways = 3;
          m.cache.size_bytes = 192 * 64;
        }) == "");
}

TEST_CASE("the ways must fit into the cache") {
  CHECK(errors_of([](auto& m) {
          m.cache.size_bytes = 256;
          m.cache.ways = 8;
        }) == "/cache/ways: 8 ways of 64-byte lines do not fit into 256 bytes; allowed: at most 4");
  CHECK(errors_of([](auto& m) {
          m.cache.size_bytes = 256;
          m.cache.ways = 4;
        }) == "");
}

TEST_CASE("a line is a power of two of bytes") {
  const auto with_line = [](std::uint32_t line, std::uint64_t size) {
    return errors_of([&](auto& m) {
      m.cache.line_bytes = line;
      m.cache.size_bytes = size;
    });
  };
  for (const std::uint32_t wrong : {24U, 48U, 100U})
    for (const std::uint64_t size : {std::uint64_t{32768}, std::uint64_t{wrong} * 512, std::uint64_t{64}})
      CHECK(with_line(wrong, size) == "/cache/line: " + std::to_string(wrong) +
                                          " bytes a line; allowed: a power of two from 8 to 4096");
  for (const std::uint32_t right : {8U, 32U, 128U, 1024U}) CHECK(with_line(right, 32768) == "");
}

TEST_CASE("a tree has a power of two of ways") {
  CHECK(errors_of([](auto& m) {
          m.cache.ways = 3;
          m.cache.size_bytes = 192 * 64;
          m.cache.replacement = "tree_plru";
        }) == "/cache/ways: 3 ways; allowed with tree_plru: a power of two");
}

TEST_CASE("there is at most one memory controller a core") {
  CHECK(errors_of([](auto& m) { m.memory.controllers = 17; }) ==
        "/memory/controllers: 17 controllers on 16 cores; allowed: at most one a core");
  CHECK(errors_of([](auto& m) { m.memory.controllers = 16; }) == "");
}

TEST_CASE("threads are pinned to cores that there are") {
  for (const char* wrong : {"16", "0-16", "3-1", "a", "1,", ",1", "1-", "0 1", "-1", "0-1-2"})
    CHECK(errors_of([&](auto& m) { m.system.pin = wrong; }) ==
          "/system/pin: \"" + std::string(wrong) +
              "\" is no list of cores; allowed: numbers and ranges from 0 to 15, like \"0-2,5\"");
  for (const char* right : {"15", "0-15", "3,1,1", "0-2,5"})
    CHECK(errors_of([&](auto& m) { m.system.pin = right; }) == "");
}

TEST_CASE("a last-level slice is absent or holds a set") {
  CHECK(errors_of([](auto& m) { m.home.llc_slice_bytes = 1023; }) ==
        "/home/llc_slice: 1023 bytes hold no set of 16 lines; allowed: 0 (none) or at least 1024");
  CHECK(errors_of([](auto& m) { m.home.llc_slice_bytes = 1024; }) == "");
  CHECK(errors_of([](auto& m) { m.home.llc_slice_bytes = 0; }) == "");
}

TEST_CASE("a line has at most 128 flits") {
  const auto narrow = [](auto& m, std::uint32_t line, std::uint32_t link) {
    m.cache.line_bytes = line;
    m.cache.size_bytes = std::uint64_t{line} * m.cache.ways;
    m.network.link_bytes = link;
    m.home.llc_slice_bytes = 0;
  };
  CHECK(errors_of([&](auto& m) { narrow(m, 4096, 16); }) ==
        "/network/link_bytes: a line takes 257 flits; allowed: at most 128");
  CHECK(errors_of([&](auto& m) { narrow(m, 4096, 32); }) ==
        "/network/link_bytes: a line takes 129 flits; allowed: at most 128");
  CHECK(errors_of([&](auto& m) { narrow(m, 4096, 33); }) == "");
  CHECK(errors_of([&](auto& m) { narrow(m, 64, 1); }) == "");  // 72
}

TEST_CASE("a mesh is full, and has two rows unless told otherwise") {
  CHECK(errors_of([](auto& m) { m.network.columns = 5; }) ==
        "/network/columns: 16 cores do not fill a mesh of 5 columns; allowed: a divisor of the number of "
        "cores");
  CHECK(errors_of([](auto& m) { m.cores = 7; }) ==
        "/cores: 7 cores do not fill a mesh of two rows or more; allowed: a number with a divisor (4, 6, 8, "
        "9, …), or "
        "set /machine/network/columns");
  CHECK(errors_of([](auto& m) {
          m.cores = 7;
          m.network.columns = 7;
        }) == "");
  for (const char* topology : {"bus", "crossbar", "ideal"})
    CHECK(errors_of([&](auto& m) {
            m.cores = 7;
            m.network.topology = topology;
          }) == "");
}

TEST_CASE("transfer_cycles belongs to ideal transfers") {
  const std::string text =
      "/protocol/transfer_cycles: only a protocol whose lines move ideally has it (\"transfer\": \"ideal\")";
  for (auto protocol : {full_map, broadcast, migrate, snapshot, ideal_migrate}) {
    protocol.transfer_cycles = 2;
    CHECK(errors_of([](auto&) {}, protocol) == (protocol.options == ideal_migrate.options ? "" : text));
  }
}

TEST_CASE("all errors are reported at once") {
  CHECK(errors_of([](auto& m) {
          m.cores = 13;
          m.memory.controllers = 14;
          m.home.llc_slice_bytes = 1;
          m.cache.ways = 5;
          m.cache.replacement = "tree_plru";
        }) ==
        "/cache/size: 32768 bytes are no power of two of sets of 320 bytes (ways times line)\n"
        "/cache/ways: 5 ways; allowed with tree_plru: a power of two\n"
        "/memory/controllers: 14 controllers on 13 cores; allowed: at most one a core\n"
        "/home/llc_slice: 1 bytes hold no set of 16 lines; allowed: 0 (none) or at least 1024\n"
        "/cores: 13 cores do not fill a mesh of two rows or more; allowed: a number with a divisor (4, 6, 8, "
        "9, …), or set "
        "/machine/network/columns");
}

TEST_CASE("an unknown protocol is a failure of the run") {
  class Empty final : public traces::Workload {
   public:
    int cores() const override { return 0; }
    std::unique_ptr<traces::OperationStream> stream(int) override { return nullptr; }
  };
  CHECK(run_machine(MachineParameters{}, {"nonsense", {}}, Empty()).failure == "unknown protocol nonsense");
}
