// Do the counters agree with each other and with the workload?

#include <catch2/catch.hpp>

#include "tests/support/shapes.hpp"

using namespace baton;
using namespace baton::test;

namespace {

// Every column "messages_KIND" but the sum and the received.
std::vector<std::pair<std::string, std::uint64_t>> messages_by_kind(const Result& result) {
  std::vector<std::pair<std::string, std::uint64_t>> kinds;
  for (const auto& [name, value] : result.columns()) {
    if (name.rfind("messages_", 0) != 0 || name == "messages_received" || name == "messages_per_operation")
      continue;
    kinds.emplace_back(name.substr(9), result[name]);
  }
  return kinds;
}

bool carries_data(const ProtocolChoice& protocol, const std::string& kind) {
  const std::string tables = find_protocol(protocol.name)->print(protocol.options, TableFormat::json);
  const auto at = tables.find("{\"name\": \"" + kind + "\", \"network\"");
  const auto flag = tables.find("\"carries_data\": ", at);
  REQUIRE(flag != std::string::npos);
  return tables.compare(flag + 16, 4, "true") == 0;
}

void check_conservation(const Result& result, const ProtocolChoice& protocol,
                        const MachineParameters& machine) {
  CHECK(result["messages"] == result["messages_received"]);
  CHECK(result["misses"] == result["fills"]);
  CHECK(result["accesses"] == result["hits"] + result["misses"]);
  CHECK(result["misses"] == result["misses_load"] + result["misses_store"] + result["misses_rmw"]);
  std::uint64_t messages = 0, bytes = 0, flits = 0;
  for (const auto& [kind, count] : messages_by_kind(result)) {
    const std::uint64_t word = kind == "BusUpd" ? 8 : 0;
    const std::uint64_t size =
        machine.network.control_bytes + (carries_data(protocol, kind) ? machine.cache.line_bytes : word);
    messages += count;
    bytes += count * size;
    flits += count * ((size + machine.network.link_bytes - 1) / machine.network.link_bytes);
  }
  CHECK(result["messages"] == messages);
  CHECK(result["bytes"] == bytes);
  CHECK(result["flits"] == flits);
  CHECK(result["byte_hops"] >= result["hops"] * machine.network.control_bytes);
  CHECK(result["llc_misses"] == result["memory_reads"]);
}

// What each protocol's kinds owe each other.
void check_kinds(const Result& result, const ProtocolChoice& protocol, const MachineParameters& machine) {
  const auto option = [&](const char* name, const char* otherwise) {
    const auto found = protocol.options.find(name);
    return found == protocol.options.end() ? std::string(otherwise) : found->second;
  };
  if (protocol.name == "mesi") {
    const std::string directory = option("directory", "full_map");
    const bool precise = directory == "full_map" || directory == "limited";
    const bool asks_on_its_own =
        option("entries", "unlimited") != "unlimited" || option("atomics", "near") != "near";
    CHECK(result["messages_Inv"] == result["messages_InvAck"]);
    CHECK(result["messages_GetS"] == result["misses_load"]);
    CHECK(result["messages_GetM"] + result["messages_Atomic"] ==
          result["misses_store"] + result["misses_rmw"]);
    CHECK(result["messages_Atomic"] == result["messages_Result"]);
    CHECK(result["messages_PutAck"] ==
          result["messages_PutS"] + result["messages_PutE"] + result["messages_PutM"]);
    if (precise) CHECK(result["evictions"] == result["messages_PutAck"]);
    // Every transaction is answered by one Data, DataE or AckCount; a forwarded read is copied back besides.
    if (!asks_on_its_own)
      CHECK(result["messages_Data"] + result["messages_DataE"] + result["messages_AckCount"] ==
            result["misses"] + result["messages_FwdGetS"]);
    if (directory == "broadcast" && !asks_on_its_own)
      CHECK(result["messages_Inv"] % (machine.cores - 1) == 0);
  }
  if (protocol.name == "hammer") {
    CHECK(result["messages_Unblock"] == result["misses"]);
    CHECK(result["messages_MemoryData"] == result["misses"]);
    CHECK(result["messages_ProbeS"] + result["messages_ProbeM"] == result["misses"] * (machine.cores - 1));
    CHECK(result["messages_Ack"] + result["messages_AckShared"] + result["messages_Data"] ==
          result["misses"] * (machine.cores - 1));
    CHECK(result["messages_Put"] == result["messages_WriteBack"] + result["messages_NoWriteBack"]);
  }
  if (protocol.name == "ownership") {
    CHECK(result["messages_GetS"] + result["messages_GetM"] == result["misses"]);
    CHECK(result["messages_Data"] == result["misses"]);
    CHECK(result["messages_PutM"] == result["messages_PutAck"]);
    CHECK(result["messages_PutM"] == result["evictions"]);
    CHECK(result["messages_FwdGetS"] + result["messages_FwdGetM"] <= result["misses"]);
  }
}

}  // namespace

TEST_CASE("what is sent is received, what misses is filled, and kinds add up") {
  for (const char* topology : {"mesh", "torus", "ring", "clusters", "crossbar", "bus", "ideal"})
    for (const auto& named : every_choice())
      for (const std::uint32_t cores : {2U, 16U})
        for (const bool roomy : {false, true}) {
          MachineParameters machine = machine_of(cores, topology);
          set_cache(machine, roomy ? 16 : 1, 2);
          machine.core.outstanding_loads = roomy ? 4 : 1;
          machine.network.link_bytes = roomy ? 16 : 7;
          machine.home.llc_slice_bytes = roomy ? 4096 : 0;
          Mixture mixture{.cores = cores, .operations = 150, .hot = 2, .lines = 40};
          const Result result = run_machine(machine, named.choice, mixture.programs());
          CAPTURE(named.label, topology, cores, roomy);
          check_conservation(result, named.choice, machine);
          check_kinds(result, named.choice, machine);
          CHECK(result["accesses"] == 150 * cores);
          CHECK(result["straddles"] == 0);
        }
}

TEST_CASE("operations are those of the workload, whatever an operation takes") {
  for (const auto& named : every_choice()) {
    Mixture mixture{.cores = 4, .operations = 200, .lines = 30};
    mixture.straddle = 0.2;
    std::uint64_t expected = 0, accesses = 0, straddles = 0;
    Programs programs = mixture.programs();
    for (int core = 0; core < 4; ++core) {
      std::vector<Operation> all(200);
      if (programs.stream(core)->next(all) != 200) FAIL("the stream gives all that is asked for");
      for (const auto& operation : all) {
        expected += operation.completes ? 1 : 0;
        const auto lines = (operation.address + operation.size - 1) / 64 - operation.address / 64 + 1;
        accesses += lines;
        straddles += lines > 1 ? 1 : 0;
      }
    }
    const Result result = run_machine(machine_of(4, "mesh"), named.choice, programs);
    CAPTURE(named.label);
    CHECK(result["operations"] == expected);
    CHECK(result["accesses"] == accesses);
    CHECK(result["straddles"] == straddles);
  }
}

TEST_CASE("every pattern completes its operations and conserves messages") {
  for (const auto* pattern : traces::all_patterns())
    for (const auto& named : every_choice()) {
      const MachineParameters machine = machine_of(8, "mesh");
      const Result result = run_machine(
          machine, named.choice,
          synthetic(*pattern, 8, 1, {{"operations_per_core", 100}, {"lines", 16}, {"sharers", 4}}));
      CAPTURE(pattern->name(), named.label);
      check_conservation(result, named.choice, machine);
      check_kinds(result, named.choice, machine);
      // A spinning reader may miss changes of its flag.
      if (pattern->name() == "spin_wait")
        CHECK(result["operations"] <= 800);
      else
        CHECK(result["operations"] == 800);
    }
}

TEST_CASE("the cells of the tables add up to messages and accesses") {
  for (const auto& named : every_choice()) {
    if (find_protocol(named.choice.name)->snoops()) continue;  // an access may be presented more than once
    MachineParameters machine = machine_of(8, "mesh");
    set_cache(machine, 1, 2);
    RunOptions options;
    options.cells = true;
    const Mixture mixture{.cores = 8, .operations = 200};
    const Result result = run_machine(machine, named.choice, mixture.programs(), options);
    std::uint64_t loads = 0, evictions = 0, gets = 0;
    const auto ends = [](const std::string& name, const std::string& end) {
      return name.size() > end.size() && name.compare(name.size() - end.size(), end.size(), end) == 0;
    };
    for (const auto& [name, value] : result.columns()) {
      if (name.rfind("cell_cache_", 0) == 0 &&
          (ends(name, "_Load") || ends(name, "_Store") || ends(name, "_Rmw") || ends(name, "_RmwFar") ||
           ends(name, "_LoadExpired")))
        loads += result[name];
      if (name.rfind("cell_cache_", 0) == 0 && ends(name, "_Replace")) evictions += result[name];
      // Tardis's home has no I.
      if (name.rfind("cell_home_I_Get", 0) == 0 || name == "cell_home_I_Atomic" || name == "cell_home_S_GetM")
        gets += result[name];
    }
    CAPTURE(named.label);
    CHECK(loads == result["accesses"]);
    CHECK(evictions == result["evictions"]);
    CHECK(gets > 0);
  }
}
