// A server's allocations, after Larson and Krishnan (ISMM 1998): each thread replaces blocks of random sizes
// in its slots; after a round another thread goes on with them, so most blocks are freed by a thread that has
// not allocated them. The allocator is a small one of our own: a free list for each size, under a mutex.
//   larson [THREADS] [OPERATIONS a thread and round]
#include <cstdio>
#include <cstdlib>
#include <mutex>
#include <random>
#include <thread>
#include <vector>

class Pool {
 public:
  void* allocate(std::size_t kind) {
    List& list = lists_[kind];
    const std::lock_guard<std::mutex> lock(list.mutex);
    if (list.first == nullptr) refill(list, kind);
    Block* const block = list.first;
    list.first = block->next;
    return block;
  }
  void free(void* memory, std::size_t kind) {
    List& list = lists_[kind];
    auto* const block = static_cast<Block*>(memory);
    const std::lock_guard<std::mutex> lock(list.mutex);
    block->next = list.first;
    list.first = block;
  }
  static constexpr std::size_t kinds = 5;  ///< 64 bytes to 1 KiB

 private:
  struct Block {
    Block* next;
  };
  struct List {
    std::mutex mutex;
    Block* first = nullptr;
  };

  void refill(List& list, std::size_t kind) {
    const std::size_t bytes = std::size_t{64} << kind;
    constexpr std::size_t count = 16;
    char* const memory = static_cast<char*>(std::aligned_alloc(64, count * bytes));
    for (std::size_t i = 0; i < count; ++i) {
      auto* const block = reinterpret_cast<Block*>(memory + i * bytes);
      block->next = list.first;
      list.first = block;
    }
  }

  List lists_[kinds];
};

struct Slot {
  void* memory = nullptr;
  std::size_t kind = 0;
};

int main(int argc, char** argv) {
  const auto threads = static_cast<std::size_t>(argc > 1 ? std::atol(argv[1]) : 4);
  const long operations = argc > 2 ? std::atol(argv[2]) : 1000;
  constexpr std::size_t slots = 32, rounds = 4;
  Pool pool;
  std::vector<std::vector<Slot>> owned(threads, std::vector<Slot>(slots));
  for (std::size_t round = 0; round < rounds; ++round) {
    std::vector<std::thread> workers;
    for (std::size_t thread = 0; thread < threads; ++thread) {
      workers.emplace_back([&, thread] {
        std::vector<Slot>& mine = owned[(thread + round) % threads];
        std::minstd_rand random(static_cast<unsigned>(thread + round * threads + 1));
        for (long i = 0; i < operations; ++i) {
          Slot& slot = mine[random() % slots];
          if (slot.memory != nullptr) pool.free(slot.memory, slot.kind);
          slot.kind = random() % Pool::kinds;
          slot.memory = pool.allocate(slot.kind);
          static_cast<char*>(slot.memory)[8] = 1;
        }
      });
    }
    for (std::thread& worker : workers) worker.join();
  }
  std::printf("%zu threads, %zu rounds of %ld operations each\n", threads, rounds, operations);
}
