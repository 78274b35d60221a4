#pragma once
// A class whose constructor is in another unit: clang defines its layout only there.
#include <atomic>
#include <memory>

struct Job {
  int priority;
  long cost;
};

class Queue {
 public:
  Queue();
  long tail = 0;
  std::atomic<long> size{0};
  std::unique_ptr<Job> jobs[2];
};
