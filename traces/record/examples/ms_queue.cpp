// Michael and Scott's lock-free queue (PODC 1996). Nodes are numbered and come from one array a thread; heads
// and tails carry a count against ABA. Each thread enqueues and dequeues in turn.
//   ms_queue [THREADS] [OPERATIONS a thread]
#include <atomic>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <thread>
#include <vector>

struct alignas(8) Link {
  std::uint32_t node;
  std::uint32_t count;
};

struct Node {
  std::atomic<Link> next;
  long value;
};

class Queue {
 public:
  explicit Queue(std::size_t nodes) : nodes_(nodes), head_(Link{0, 0}), tail_(Link{0, 0}) {
    for (Node& node : nodes_) node.next = Link{none, 0};
  }

  void enqueue(std::uint32_t node, long value) {
    nodes_[node].value = value;
    nodes_[node].next.store({none, nodes_[node].next.load().count + 1});
    for (;;) {
      Link tail = tail_.load();
      Link next = nodes_[tail.node].next.load();
      if (next.node != none) {
        tail_.compare_exchange_weak(tail, {next.node, tail.count + 1});
      } else if (nodes_[tail.node].next.compare_exchange_weak(next, {node, next.count + 1})) {
        tail_.compare_exchange_strong(tail, {node, tail.count + 1});
        return;
      }
    }
  }

  /// The node that is free now, or none.
  std::uint32_t dequeue(long& value) {
    for (;;) {
      Link head = head_.load();
      Link tail = tail_.load();
      const Link next = nodes_[head.node].next.load();
      if (head.node == tail.node) {
        if (next.node == none) return none;
        tail_.compare_exchange_weak(tail, {next.node, tail.count + 1});
      } else if (next.node != none) {
        const long seen = nodes_[next.node].value;
        if (head_.compare_exchange_weak(head, {next.node, head.count + 1})) {
          value = seen;
          return head.node;
        }
      }
    }
  }

  static constexpr std::uint32_t none = ~std::uint32_t{0};

 private:
  std::vector<Node> nodes_;
  alignas(64) std::atomic<Link> head_;
  alignas(64) std::atomic<Link> tail_;
};

int main(int argc, char** argv) {
  const int threads = argc > 1 ? std::atoi(argv[1]) : 4;
  const long operations = argc > 2 ? std::atol(argv[2]) : 1000;
  Queue queue(static_cast<std::size_t>(threads) + 1);
  std::atomic<long> sum{0};
  std::vector<std::thread> workers;
  for (int thread = 0; thread < threads; ++thread) {
    workers.emplace_back([&, thread] {
      auto mine = static_cast<std::uint32_t>(thread + 1);
      long taken = 0;
      for (long i = 0; i < operations; ++i) {
        queue.enqueue(mine, i);
        long value = 0;
        while ((mine = queue.dequeue(value)) == Queue::none) std::this_thread::yield();
        taken += value;
      }
      sum += taken;
    });
  }
  for (std::thread& worker : workers) worker.join();
  const bool right = sum == threads * (operations * (operations - 1) / 2);
  std::printf("%d threads, %ld operations each: %s\n", threads, operations, right ? "right" : "WRONG");
  return right ? 0 : 1;
}
