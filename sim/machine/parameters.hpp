#pragma once
// What a machine is made of. The structs with their defaults are the schema of a config's "machine" object
// (sim/experiment reads them field by field). Ranges include both ends. Times that the config gives in
// seconds or hertz are kept in picoseconds; the machine turns them into cycles once.

#include <cstdint>
#include <map>
#include <string>

namespace baton::sim {

struct CoreParameters {
  std::string consistency = "sc";   ///< "sc", or "tso": with a store buffer
  std::uint32_t store_buffer = 56;  ///< tso only: its entries; 1 .. 4096
  /// Loads that may miss at once; 1 blocks; > 1 only for value-independent streams; 1 .. 64.
  std::uint32_t outstanding_loads = 1;
  /// So many of the cores, those with the highest numbers, are slow; 0 .. cores.
  std::uint32_t slow_cores = 0;
  double slow_factor = 2;            ///< their cycles are so many times as long; 1 .. 4, a multiple of 0.001
  std::uint32_t pause_cycles = 140;  ///< a program's pause(), also between the loads of a spin; 0 .. 10^6
};

/// The operating system under a program's threads. Its own code and data take time but touch no cache. Times
/// are at most a second, 10^12 ps.
struct SystemParameters {
  std::string placement = "round_robin";  ///< where threads begin: "round_robin", "blocks"
  std::string pin;    ///< cores on which threads are pinned, thread i on the i-th: "0-5,8"; empty: placement
  bool steal = true;  ///< idle cores take waiting threads of others; false: threads stay
  std::uint64_t time_slice_ps = 3'000'000'000;  ///< after which a thread yields to one that waits; >= 1
  std::uint64_t context_switch_ps = 1'100'000;  ///< from one thread, or none, to another
  std::uint64_t system_call_ps = 300'000;       ///< of every call, before it has an effect
  std::uint64_t wake_ps = 700'000;              ///< of futex_wake for each thread that it wakes
  std::uint64_t wake_latency_ps = 1'400'000;  ///< from a futex_wake until the woken thread is in a run queue
};

struct CacheParameters {
  std::uint64_t size_bytes = 32 * 1024;  ///< ways * line_bytes * a power of two of sets; 64 .. 2^30
  std::uint32_t ways = 8;                ///< 1 .. 64; a power of two for tree-PLRU; >= 2 for tso
  std::uint32_t line_bytes = 64;         ///< a power of two, 8 .. 4096
  std::uint32_t hit_cycles = 2;          ///< look-up, and answer to a forwarded request; 1 .. 1000
  std::uint32_t mshrs = 8;               ///< misses and evictions in flight; 1 .. 1024
  std::string replacement = "lru";       ///< "lru", "tree_plru"
};

struct HomeParameters {
  /// From a request's service to the messages that it causes (pipelined); 1 .. 10^5.
  std::uint32_t latency_cycles = 6;
  std::uint32_t occupancy_cycles = 1;  ///< from one request's service to the next one's; 0 .. 10^5
  /// Memory-side last-level slice of a home; 0: none; else llc_ways * line_bytes .. 2^30.
  std::uint64_t llc_slice_bytes = 1024 * 1024;
  std::uint32_t llc_ways = 16;  ///< 1 .. 64
  /// Added to latency_cycles when the line's data come from the slice; 0 .. 10^5.
  std::uint32_t llc_cycles = 10;
  std::string arbitration = "first_come";  ///< of requests to one line: "first_come", "random"
  /// random: at least so far apart a line's requests are served; 1 .. 10^5.
  std::uint32_t arbitration_cycles = 50;
  /// What it sends is late by up to so many cycles more, at random; 0 .. 10^6.
  std::uint32_t jitter_cycles = 0;
  std::string interleave = "hash";  ///< which home a line has: "hash", "modulo"
};

struct MemoryParameters {
  std::uint32_t controllers = 0;      ///< 0 .. cores, spread evenly over the tiles; 0: one for every 16 tiles
  std::uint64_t latency_ps = 80'000;  ///< of an access, without queueing; 0 .. 10^12
  std::uint64_t bandwidth_bytes_per_s = 12'800'000'000;  ///< of one controller; 10^6 .. 10^15
};

struct NetworkParameters {
  std::string topology = "mesh";     ///< a file of sim/machine/network/topologies
  std::uint32_t router_cycles = 2;   ///< of a flit through a router; 0 .. 1000
  std::uint32_t link_cycles = 1;     ///< of a flit over a link; 1 .. 1000
  std::uint32_t link_bytes = 16;     ///< a flit: what a link carries in a cycle; 1 .. 4096
  std::uint32_t columns = 0;         ///< of a mesh or torus, 0 .. 4096; 0: as square as the cores allow
  std::uint32_t clusters = 2;        ///< of the "clusters" topology; 1 .. 4096, a divisor of the cores
  std::uint32_t bridge_cycles = 20;  ///< a bridge's between clusters, beyond link_cycles; 0 .. 1000
  /// Of the "ideal" topology only, any message between any two nodes; 1 .. 10^6.
  std::uint32_t latency_cycles = 10;
  /// Every message is late by up to so many cycles, at random; see Jitter; 0 .. 10^6.
  std::uint32_t jitter_cycles = 0;
  std::uint32_t control_bytes = 8;  ///< a message without data; one with data has a line more; 1 .. 4096
};

struct MachineParameters {
  std::uint32_t cores = 16;                ///< 1 .. 4096
  std::uint64_t clock_hz = 2'000'000'000;  ///< of cores, caches, homes and network; 10^6 .. 10^11
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
  /// Of a transfer, only where the protocol's variant moves lines ideally; 1 .. 10^6.
  std::uint32_t transfer_cycles = 1;
};

}  // namespace baton::sim
