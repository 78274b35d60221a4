#pragma once
// What a machine is made of. The structs with their defaults are the schema of a config's "machine" object
// (sim/experiment reads them field by field). Times that the config gives in seconds or hertz are kept in
// picoseconds; the machine turns them into cycles once.

#include <cstdint>
#include <map>
#include <string>

namespace baton::sim {

struct CoreParameters {
  std::string consistency = "sc";   ///< "sc", or "tso": with a store buffer
  std::uint32_t store_buffer = 56;  ///< tso only: its entries, >= 1
  std::uint32_t outstanding_loads =
      1;  ///< loads that may miss at once; 1 blocks; > 1 only for value-independent streams
  std::uint32_t slow_cores = 0;      ///< so many of the cores, those with the highest numbers, are slow
  double slow_factor = 2;            ///< their cycles are so many times as long; 1 .. 4, a multiple of 0.001
  std::uint32_t pause_cycles = 140;  ///< a program's pause(), also between the loads of a spin
};

/// The operating system under a program's threads. Its own code and data take time but touch no cache.
struct SystemParameters {
  std::string placement = "round_robin";  ///< where threads begin: "round_robin", "blocks"
  std::string pin;    ///< cores on which threads are pinned, thread i on the i-th: "0-5,8"; empty: placement
  bool steal = true;  ///< idle cores take waiting threads of others; false: threads stay
  std::uint64_t time_slice_ps = 3'000'000'000;
  std::uint64_t context_switch_ps = 1'100'000;  ///< from one thread, or none, to another
  std::uint64_t system_call_ps = 300'000;       ///< of every call, before it has an effect
  std::uint64_t wake_ps = 700'000;              ///< of futex_wake for each thread that it wakes
  std::uint64_t wake_latency_ps = 1'400'000;  ///< from a futex_wake until the woken thread is in a run queue
};

struct CacheParameters {
  std::uint64_t size_bytes = 32 * 1024;  ///< ways * line_bytes * a power of two of sets
  std::uint32_t ways = 8;                ///< 1 .. 64; a power of two for tree-PLRU
  std::uint32_t line_bytes = 64;         ///< a power of two, 8 .. 4096
  std::uint32_t hit_cycles = 2;          ///< >= 1: look-up, and answer to a forwarded request
  std::uint32_t mshrs = 8;               ///< misses and evictions in flight, >= 1
  std::string replacement = "lru";       ///< "lru", "tree_plru"
};

struct HomeParameters {
  std::uint32_t latency_cycles = 6;  ///< from a request's service to the messages that it causes (pipelined)
  std::uint32_t occupancy_cycles = 1;           ///< from one request's service to the next one's; >= 0
  std::uint64_t llc_slice_bytes = 1024 * 1024;  ///< memory-side last-level slice of a home; 0: none
  std::uint32_t llc_ways = 16;
  std::uint32_t llc_cycles = 10;  ///< added to latency_cycles when the line's data come from the slice
  std::string arbitration = "first_come";  ///< of requests to one line: "first_come", "random"
  std::uint32_t arbitration_cycles =
      50;                           ///< random: at least so far apart a line's requests are served; >= 1
  std::uint32_t jitter_cycles = 0;  ///< what it sends is late by up to so many cycles more, at random
  std::string interleave = "hash";  ///< which home a line has: "hash", "modulo"
};

struct MemoryParameters {
  std::uint32_t controllers = 0;  ///< 0 .. cores, spread evenly over the tiles; 0: one for every 16 tiles
  std::uint64_t latency_ps = 80'000;
  std::uint64_t bandwidth_bytes_per_s = 12'800'000'000;  ///< of one controller
};

struct NetworkParameters {
  std::string topology = "mesh";  ///< a file of sim/machine/network/topologies
  std::uint32_t router_cycles = 2;
  std::uint32_t link_cycles = 1;
  std::uint32_t link_bytes = 16;      ///< a flit: what a link carries in a cycle
  std::uint32_t columns = 0;          ///< of a mesh; 0: as square as the number of cores allows
  std::uint32_t clusters = 2;         ///< of the "clusters" topology; 1 .. 4096, a divisor of the cores
  std::uint32_t bridge_cycles = 20;   ///< a bridge's between clusters, beyond link_cycles
  std::uint32_t latency_cycles = 10;  ///< of the "ideal" topology only, any message between any two nodes
  std::uint32_t jitter_cycles = 0;  ///< every message is late by up to so many cycles, at random; see Jitter
  std::uint32_t control_bytes = 8;  ///< a message without data; one with data has a line more
};

struct MachineParameters {
  std::uint32_t cores = 16;  ///< 1 .. 4096
  std::uint64_t clock_hz = 2'000'000'000;
  CoreParameters core;
  CacheParameters cache;
  HomeParameters home;
  MemoryParameters memory;
  NetworkParameters network;
  SystemParameters system;
};

struct ProtocolChoice {
  std::string name = "mesi";                   ///< a folder of protocols/
  std::map<std::string, std::string> options;  ///< option -> value; absent: the option's default
  std::uint32_t transfer_cycles = 1;           ///< only where the protocol's variant moves lines ideally
};

}  // namespace baton::sim
