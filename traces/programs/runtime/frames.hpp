#pragma once
// Memory for coroutine frames. A program enters a nested coroutine (a lock's acquire) for nearly every
// operation: its frame comes from a free list of its size instead of the general allocator.
//
// g++ 12 misplaces the head of some frames: where the outermost block of a coroutine declares no variable but
// has an await in a condition (`while (co_await t.exchange(lock, 1) != 0)`), it puts the condition's
// temporary before the frame's two function pointers, so that the address which it uses as the coroutine's
// handle is none. Each frame therefore has a header of ours that knows how far the head lies from the frame's
// beginning, and serves as a handle where that is not 0 (tests/programs/tasks.cpp has such coroutines).

#include <array>
#include <coroutine>
#include <cstddef>
#include <cstring>
#include <new>
#include <utility>

namespace baton::programs {

class Frames {
 public:
  /// For the promise's operator new.
  static void* allocate(std::size_t bytes) {
    auto* header = ::new (take(bytes + sizeof(Header))) Header;
    newest() = header;
    return header + 1;
  }
  /// For the promise's operator delete.
  static void release(void* frame, std::size_t bytes) {
    give_back(static_cast<Header*>(frame) - 1, bytes + sizeof(Header));
  }

  /// The handle of the coroutine whose frame was allocated last; `promise_handle` is the one that belongs to
  /// its promise. For get_return_object().
  static std::coroutine_handle<> adopt(std::coroutine_handle<> promise_handle, void* promise) {
    Header* header = newest();
    header->promise = promise;
    header->head_offset = static_cast<std::byte*>(promise_handle.address()) - frame_of(header);
    return handle_of(header);
  }
  /// A handle to be resumed later, of one that the compiler has handed to an await_suspend().
  static std::coroutine_handle<> resumable(std::coroutine_handle<> given) {
    return handle_of(static_cast<Header*>(given.address()) - 1);
  }
  /// The promise of such a handle.
  static void* promise_of(std::coroutine_handle<> given) {
    return (static_cast<Header*>(given.address()) - 1)->promise;
  }

 private:
  using Function = void (*)(void*);

  /// Begins like a frame does, so that its address can be a handle.
  struct alignas(16) Header {
    Function resume = [](void* header) { call(header, 0); };
    Function destroy = [](void* header) { call(header, sizeof(Function)); };
    void* promise = nullptr;
    std::ptrdiff_t head_offset = 0;
  };
  static std::byte* frame_of(Header* header) { return reinterpret_cast<std::byte*>(header + 1); }
  static std::coroutine_handle<> handle_of(Header* header) {
    void* const address = header->head_offset == 0 ? static_cast<void*>(header + 1) : header;
    return std::coroutine_handle<>::from_address(address);
  }
  // Calls one of the two functions at the head of the frame, which want the frame's beginning.
  static void call(void* header, std::size_t function_offset) {
    std::byte* const frame = frame_of(static_cast<Header*>(header));
    Function function;
    std::memcpy(&function, frame + static_cast<Header*>(header)->head_offset + function_offset,
                sizeof function);
    function(frame);
  }

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

  static void* take(std::size_t bytes) {
    const std::size_t size_class = class_of(bytes);
    if (size_class >= classes) return ::operator new(bytes);
    Free*& head = pool().heads[size_class];
    if (head == nullptr) return ::operator new((size_class + 1) * granule);
    Free* const taken = head;
    head = taken->next;
    return taken;
  }
  static void give_back(void* block, std::size_t bytes) {
    const std::size_t size_class = class_of(bytes);
    if (size_class >= classes) return ::operator delete(block);
    pool().heads[size_class] = ::new (block) Free{pool().heads[size_class]};
  }
  static std::size_t class_of(std::size_t bytes) {
    return (bytes - 1) / granule;
  }
  static Pool& pool() {
    thread_local Pool pool;
    return pool;
  }
  static Header*& newest() {
    thread_local Header* newest = nullptr;
    return newest;
  }
};

}  // namespace baton::programs
