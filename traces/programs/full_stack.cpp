// Requests that cross the kernel and a service, from the parts of socket, run_queue, page_allocator and
// key_value. On a thread's core a packet comes into a socket, the task that waits for it is woken and a task
// is picked; it receives a packet, allocates a page for the reply, has the service serve the request, and
// sends packet and page off through a second socket. What leaves that socket on the thread's core has been
// transmitted: its page is freed there, on whatever core it was allocated. So packets, tasks and pages travel
// between cores as the queues have it.
//
// The project's claims multiply the gains of a lock-free kernel, a lock-free service and another protocol;
// this program measures them together. Modelled and not: as said in the parts.
#include <string>
#include <vector>

#include "traces/programs/parts/key_store.hpp"
#include "traces/programs/parts/page_lists.hpp"
#include "traces/programs/parts/run_queues.hpp"
#include "traces/programs/parts/sockets.hpp"
#include "traces/programs/parts/stealing_run_queues.hpp"

namespace baton::programs {
namespace {

constexpr std::string_view design_choices[] = {"locked", "lock_free"};
constexpr std::string_view queues_choices[] = {"one", "per_core"};

constexpr Parameter own_table[] = {
    {"operations_per_thread", Parameter::Type::integer, 1000, 1, 1e12, "",
     "requests that each thread serves"},
    {"work_cycles", Parameter::Type::integer, 0, 0, 1e9, "cycles", "between two requests"},
    {"service", Parameter::Type::choice, 0, 0, 1, "", "the store behind its event loop's lock, or lock-free",
     design_choices},
    {"kernel", Parameter::Type::choice, 0, 0, 1, "",
     "sockets, run queues and the zone of pages with their locks, or without", design_choices},
    {"locked_queues", Parameter::Type::choice, 0, 0, 1, "",
     "kernel locked: one run queue, or one for each core, with a lock each", queues_choices},
    padding_parameter(),
    lock_parameter(LockKind::mcs),
    lock_parameter(LockKind::mcs, "kernel_lock"),
};
constexpr auto table = joined(own_table, key_store_parameters, run_queue_parameters, page_list_parameters,
                              socket_parameters, backoff_parameters, lock_parameters);

/// Phases of a request.
struct Steps {
  explicit Steps(Setup& setup)
      : outside(setup.phase("outside")),
        receive(setup.phase("step_receive")),
        schedule(setup.phase("step_schedule")),
        allocate(setup.phase("step_allocate")),
        serve(setup.phase("step_serve")),
        reply(setup.phase("step_reply")) {}
  PhaseName outside, receive, schedule, allocate, serve, reply;
};

class FullStack final : public Instance {
 public:
  explicit FullStack(Setup& setup)
      : operations_(setup.parameters.integer("operations_per_thread")),
        work_cycles_(setup.parameters.integer("work_cycles")),
        outside_cycles_(setup.parameters.integer("outside_cycles")),
        draw_(setup.parameters),
        reads_(setup.parameters["read_fraction"]),
        wakes_remotely_(setup.parameters["remote_wakes"]),
        request_(setup.kind("request")),
        steps_(setup),
        socket_names_(setup),
        packets_(setup, setup.threads()),
        tasks_(setup, setup.parameters.integer("tasks_per_core") * setup.threads()),
        pages_(setup, kernel_locked(setup), kernel_lock(setup), 3 * setup.threads()),
        store_(make_key_store(setup, setup.parameters.choice("service") == "locked",
                              lock_kind(setup.parameters))),
        page_tags_(pages_.pages().count() + 1),
        carried_(packets_.count() + 1),
        in_hand_(setup.threads()) {
    for (std::uint64_t i = 0; i < setup.parameters.integer("sockets"); ++i) {
      requests_.push_back(
          make_socket(setup, packets_, socket_names_, 1, kernel_locked(setup), kernel_lock(setup)));
      replies_.push_back(
          make_socket(setup, packets_, socket_names_, 1, kernel_locked(setup), kernel_lock(setup)));
    }
    for (std::uint32_t i = 0; i < setup.threads(); ++i) in_hand_[i] = i + 1;
    make_queues(setup);
  }

  Task<> run(Thread& t) override {
    Block task = co_await queues_->next(t);
    for (std::uint64_t i = 0; i < operations_; ++i) {
      t.begin(request_);
      {
        const auto phase = t.phase(steps_.outside);
        co_await t.compute(outside_cycles_);
      }
      const std::uint64_t socket = t.random().below(requests_.size());
      co_await arrive(t, socket);
      task = co_await schedule(t, task);
      co_await answer(t, socket);
      t.end();
      co_await t.compute(work_cycles_);
    }
    co_await queues_->wake(t, task, t.index());
  }

  std::optional<std::string> self_check(const Contents& memory) const override {
    if (!fault_.empty()) return fault_;
    if (auto fault = store_->self_check(memory)) return fault;
    Inventory tasks("task", tasks_.count()), pages("page", pages_.pages().count()),
        packets("packet", packets_.count());
    queues_->add_to(tasks, memory);
    pages_.add_to(pages, memory);
    for (const auto& sockets : {&requests_, &replies_})
      for (const auto& socket : *sockets) socket->add_to(packets, memory);
    for (const Block packet : in_hand_) packets.found(packet, "a thread's hand");
    if (auto fault = tasks.fault(tasks_.count())) return fault;
    if (auto fault = pages.fault(pages_.pages().count())) return fault;
    return packets.fault(packets_.count());
  }

 private:
  static bool kernel_locked(const Setup& setup) { return setup.parameters.choice("kernel") == "locked"; }
  static LockKind kernel_lock(const Setup& setup) { return lock_kind(setup.parameters, "kernel_lock"); }

  void make_queues(Setup& setup) {
    const bool one = setup.parameters.choice("locked_queues") == "one";
    if (kernel_locked(setup))
      queues_ =
          std::make_unique<LockedRunQueues>(setup, tasks_, kernel_lock(setup), one ? 1 : setup.threads());
    else
      queues_ = std::make_unique<StealingRunQueues>(setup, tasks_);
    queues_->fill(setup);
  }

  // The network's interrupt: a request comes in.
  Task<> arrive(Thread& t, std::uint64_t socket) {
    const auto phase = t.phase(steps_.receive);
    const Block packet = in_hand_[t.index()];
    const std::uint64_t key = draw_(t.random());
    const bool write = !reads_(t.random());
    carried_[packet] = key << 1 | (write ? 1 : 0);
    co_await t.store(packets_.user_word(packet), carried_[packet]);
    co_await requests_[socket]->deliver(t, packet);
  }

  Task<Block> schedule(Thread& t, Block task) {
    const auto phase = t.phase(steps_.schedule);
    const bool remote = wakes_remotely_(t.random());
    const std::uint64_t core = remote ? t.random().below(t.threads()) : t.index();
    co_await queues_->wake(t, task, core);
    co_return co_await queues_->next(t);
  }

  // The service's process, in user space and in the kernel.
  Task<> answer(Thread& t, std::uint64_t socket) {
    t.enter(steps_.receive);
    const Block packet = co_await requests_[socket]->receive(t);
    const std::uint64_t request = co_await carried_by(t, packet);
    t.leave();
    t.enter(steps_.allocate);
    const Block page = co_await allocate(t);
    t.leave();
    t.enter(steps_.serve);
    co_await store_->serve(t, request >> 1, (request & 1) != 0);
    co_await t.store(pages_.pages().user_word(page), page_tags_[page]);
    t.leave();
    const auto phase = t.phase(steps_.reply);
    carried_[packet] = page;
    co_await t.store(packets_.user_word(packet), page);
    co_await replies_[socket]->deliver(t, packet);
    co_await transmitted(t, socket);
  }

  // The network's interrupt again: a reply has left.
  Task<> transmitted(Thread& t, std::uint64_t socket) {
    const Block packet = co_await replies_[socket]->receive(t);
    const Block page = co_await carried_by(t, packet);
    const std::uint64_t found = co_await t.load(pages_.pages().user_word(page));
    if (found != page_tags_[page])
      fail("page " + std::to_string(page) + " left with the content of reply " + std::to_string(found) +
           " instead of " + std::to_string(page_tags_[page]));
    page_tags_[page] = 0;
    in_hand_[t.index()] = packet;
    co_await pages_.free(t, page);
  }

  // What a packet that was received holds, which must be what was put into it.
  Task<std::uint64_t> carried_by(Thread& t, Block packet) {
    const std::uint64_t found = co_await t.load(packets_.user_word(packet));
    if (found != carried_[packet])
      throw ProgramFailure("packet " + std::to_string(packet) + " arrived with " + std::to_string(found) +
                           "; it left with " + std::to_string(carried_[packet]));
    co_return found;
  }

  Task<Block> allocate(Thread& t) {
    const Block page = co_await pages_.allocate(t);
    if (page_tags_[page] != 0)
      fail("page " + std::to_string(page) + " was allocated twice: to reply " +
           std::to_string(page_tags_[page]) + " and, before that had left, to reply " +
           std::to_string(replies_begun_ + 1));
    page_tags_[page] = ++replies_begun_;
    co_return page;
  }

  void fail(std::string fault) {
    if (fault_.empty()) fault_ = std::move(fault);
  }

  std::uint64_t operations_, work_cycles_, outside_cycles_;
  KeyDraw draw_;
  traces::Chance reads_, wakes_remotely_;
  OperationKind request_;
  Steps steps_;
  SocketNames socket_names_;
  Blocks packets_, tasks_;
  PageLists pages_;
  std::unique_ptr<KeyStore> store_;
  std::unique_ptr<RunQueues> queues_;
  std::vector<std::unique_ptr<Socket>> requests_, replies_;
  // For the self-check: what was put where.
  std::vector<std::uint64_t> page_tags_;  // by page: the reply that it was allocated for; 0: it is free
  std::vector<std::uint64_t> carried_;    // by packet: the request's key and kind, or the reply's page
  std::vector<Block> in_hand_;            // by thread: its packet
  std::uint64_t replies_begun_ = 0;
  std::string fault_;
};

class Description final : public Program {
 public:
  std::string_view name() const override { return "full_stack"; }
  std::string_view summary() const override {
    return "Requests cross sockets, run queues, the page allocator and a key-value service, with locks or "
           "without "
           "them in the kernel and in the service.";
  }
  std::span<const Parameter> parameters() const override { return table; }
  std::vector<ParameterError> check(const ParameterValues& values, std::uint32_t) const override {
    return both(check_padding(values), check_backoff(values));
  }
  std::unique_ptr<Instance> set_up(Setup& setup) const override { return std::make_unique<FullStack>(setup); }
};

}  // namespace

const Program& program_full_stack() {
  static const Description description;
  return description;
}

}  // namespace baton::programs
