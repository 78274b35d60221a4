// Stores to data of known layout. A line with a comment "// NAME" stores once in the region, to what
// `baton lines` is to call NAME; a * stands for any text.
#include "fields.hpp"

#include <array>
#include <atomic>
#include <list>
#include <memory>
#include <mutex>
#include <vector>

#include "baton/record.h"

struct Counter {
  long hits;
  short misses;
  std::atomic<int> retries;
};
struct Base {
  int kind;
};
struct Node : Base {
  Node* next;
  union {
    long number;
    char text[8];
  };
  struct {
    char low, high;
  } range;
  unsigned ready : 3, dirty : 5, age : 12;
  static int nodes;
  virtual ~Node() = default;
};
enum class State { idle, busy };
using Row = Counter[3];

namespace pool {
struct Pool {
  struct {
    Node* head;
    std::size_t length;
  } free_list;
  std::mutex mutex;
  State state;
  Row grid[2];
};
Pool pool;
namespace {
volatile Counter hidden;
}
}  // namespace pool

Counter counters[4];
std::array<Counter, 4> array;
std::atomic<long> total{0};
Node node;
Queue queue;
std::atomic<Counter*> current;
int matrix[3][5];
int Node::nodes = 0;
Job* volatile job;
Counter* volatile counter;
double* volatile number;

static void heap() {
  auto jobs = std::make_unique<Job>();
  std::vector<Counter> several(5);
  std::list<Job> list(1);
  const auto shared = std::make_shared<Job>();
  std::vector<double> numbers(3);
  std::unique_ptr<double[]> unknown(new double[3]);
  job = jobs.get();
  job->cost = 1;  // Job.cost
  counter = several.data();
  counter[2].misses = 1;  // Counter[2].misses
  job = &list.front();
  job->cost = 1;  // std::_List_node<Job>._M_storage.cost
  job = shared.get();
  job->priority = 1;  // std::_Sp_counted_ptr_inplace<Job, *._M_impl.priority
  number = numbers.data();
  number[1] = 1;  // double[1]
  number = unknown.get();
  number[1] = 1;  // unknown
}

int main() {
  static volatile Counter local[2];
  counters[3].misses = 1;             // counters[3].misses
  counters[0].hits = 1;               // counters[0].hits
  counters[1].retries.store(1);       // counters[1].retries
  pool::pool.free_list.head = &node;  // pool::pool.free_list.head
  pool::pool.free_list.length = 2;    // pool::pool.free_list.length
  pool::pool.state = State::busy;     // pool::pool.state
  pool::pool.grid[1][2].hits = 1;     // pool::pool.grid[1][2].hits
  pool::hidden.hits = 1;              // pool::(anonymous namespace)::hidden.hits
  array[2].misses = 3;                // array[2].misses
  total.store(1);                     // total
  node.next = &node;                  // node.next
  node.kind = 1;                      // node.kind
  node.number = 1;                    // node.(number|text)
  node.range.high = 1;                // node.range.high
  Node::nodes = 1;                    // Node::nodes
  queue.tail = 7;                     // queue.tail
  queue.size.store(7);                // queue.size
  current.store(&counters[1]);        // current
  matrix[2][4] = 1;                   // matrix[2][4]
  local[1].hits = 1;                  // main::local[1].hits
  heap();
}
