#include "sim/machine/snooping/bus.hpp"

namespace baton::sim {

using snooping::Kind;

namespace {

constexpr std::uint32_t word_bytes = 8;

// One last-level cache at the bus, as large as all slices together.
MachineParameters as_one_home(const MachineParameters& parameters) {
  MachineParameters one = parameters;
  one.home.llc_slice_bytes *= parameters.cores;
  one.cores = 1;
  return one;
}

}  // namespace

Bus::Bus(const sc_core::sc_module_name& name, Shared& shared, MemoryController& memory)
    : sc_module(name), shared_(shared), memory_(memory), llc_(as_one_home(shared.parameters)) {
  const MachineParameters& parameters = shared.parameters;
  for (std::size_t k = 0; k < snooping::kinds.size(); ++k) {
    const KindInfo& kind = snooping::kinds[k];
    const std::uint32_t bytes =
        parameters.network.control_bytes + (kind.carries_data ? parameters.cache.line_bytes
                                            : static_cast<Kind>(k) == Kind::BusUpd ? word_bytes
                                                                                   : 0);
    const std::uint32_t flits = (bytes + parameters.network.link_bytes - 1) / parameters.network.link_bytes;
    traffic_.push_back({0, 0, 0, bytes, flits, kind.network, kind.carries_data});
  }
  shared.calendar.set_handler(*this);
}

void Bus::ask(NodeId client, LineNumber line, Cycle at) {
  Message request;
  request.line = line;
  request.source = client;
  shared_.calendar.schedule(at, Due::injection, request);
}

void Bus::due(Due due, const Message& message, Receiver*) {
  if (due == Due::injection) {
    queue_.push_back({message.source, message.line});
  } else {
    busy_ = false;
    clients_[message.source]->served(message.line);
  }
  if (!busy_ && !queue_.empty()) grant();
}

void Bus::grant() {
  const Request request = queue_.front();
  queue_.pop_front();
  busy_ = true;
  const Cycle now = shared_.calendar.now();
  end_ = now;
  clients_[request.client]->granted(request.line);
  Message end;
  end.line = request.line;
  end.source = request.client;
  shared_.calendar.schedule(std::max(end_, now + 1), Due::delivery, end);
}

void Bus::move(Kind kind, LineNumber line) {
  const MachineParameters& parameters = shared_.parameters;
  Traffic& traffic = traffic_[index(kind)];
  ++traffic.sent;
  ++traffic.received;
  ++traffic.hops;
  if (kind == Kind::Data) end_ = read_memory(line, end_);
  if (kind == Kind::BusWB || kind == Kind::Flush) write_memory(line, end_);
  if (!traffic.carries_data)
    end_ += parameters.network.router_cycles + parameters.network.link_cycles + parameters.cache.hit_cycles;
  end_ += traffic.flits;
}

Cycle Bus::read_memory(LineNumber line, Cycle at) {
  Statistics& statistics = shared_.statistics;
  const HomeParameters& home = shared_.parameters.home;
  const auto result = llc_.read(line, contents_.find_or_add(line).id);
  if (result.wrote_back) {
    ++statistics.memory_writes;
    memory_.write(at, shared_.calendar.now());
  }
  if (result.hit) {
    ++statistics.llc_hits;
    return at + home.latency_cycles + home.llc_cycles;
  }
  ++statistics.llc_misses;
  ++statistics.memory_reads;
  return memory_.read(at, shared_.calendar.now()) + home.latency_cycles;
}

void Bus::write_memory(LineNumber line, Cycle at) {
  if (!llc_.write(line, contents_.find_or_add(line).id).wrote_back) return;
  ++shared_.statistics.memory_writes;
  memory_.write(at, shared_.calendar.now());
}

}  // namespace baton::sim
