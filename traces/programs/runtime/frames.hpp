#pragma once
// Memory for coroutine frames. A program enters a nested coroutine (a lock's acquire) for nearly every
// operation: its frame comes from a free list of its size instead of the general allocator.

#include <array>
#include <cstddef>
#include <new>
#include <utility>

namespace baton::programs {

class Frames {
 public:
  static void* allocate(std::size_t bytes) {
    const std::size_t size_class = class_of(bytes);
    if (size_class >= classes) return ::operator new(bytes);
    Free*& head = pool().heads[size_class];
    if (head == nullptr) return ::operator new((size_class + 1) * granule);
    Free* const taken = head;
    head = taken->next;
    return taken;
  }

  static void release(void* frame, std::size_t bytes) {
    const std::size_t size_class = class_of(bytes);
    if (size_class >= classes) return ::operator delete(frame);
    pool().heads[size_class] = ::new (frame) Free{pool().heads[size_class]};
  }

 private:
  // Under AddressSanitizer every frame goes back to the allocator, which then sees uses of dead frames.
#if defined(__SANITIZE_ADDRESS__)
  static constexpr std::size_t classes = 0;
#else
  static constexpr std::size_t classes = 32;
#endif
  static constexpr std::size_t granule = 64;

  struct Free {
    Free* next;
  };
  struct Pool {
    std::array<Free*, classes> heads{};
    ~Pool() {
      for (Free* head : heads)
        while (head != nullptr) ::operator delete(std::exchange(head, head->next));
    }
  };
  static std::size_t class_of(std::size_t bytes) {
    return (bytes - 1) / granule;
  }
  static Pool& pool() {
    thread_local Pool pool;
    return pool;
  }
};

}  // namespace baton::programs
