#pragma once
// A few threads that do numbered pieces of work together.

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <exception>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace baton::checker {

class Crew {
 public:
  explicit Crew(int threads);
  Crew(const Crew&) = delete;
  Crew& operator=(const Crew&) = delete;
  ~Crew();

  std::size_t size() const { return threads_.size() + 1; }
  /// Calls work(piece, member) once for each piece 0 .. pieces-1, in any order, on all members at once;
  /// returns when all is done. Throws what a piece threw.
  void run(std::size_t pieces, const std::function<void(std::size_t piece, std::size_t member)>& work);

 private:
  void take_pieces(std::size_t member);
  void serve(std::size_t member);

  std::mutex mutex_;
  std::condition_variable begin_;
  std::condition_variable end_;
  std::size_t turn_ = 0;  // guarded by mutex_, as are the next two
  std::size_t busy_ = 0;
  bool over_ = false;
  std::exception_ptr failure_;
  const std::function<void(std::size_t, std::size_t)>* work_ = nullptr;
  std::size_t pieces_ = 0;
  std::atomic<std::size_t> next_{0};
  std::vector<std::thread> threads_;
};

}  // namespace baton::checker
