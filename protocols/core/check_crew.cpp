#include "protocols/core/check_crew.hpp"

#include <utility>

namespace baton::checker {

Crew::Crew(int threads) {
  for (int i = 1; i < threads; ++i) threads_.emplace_back([this, i] { serve(static_cast<std::size_t>(i)); });
}

Crew::~Crew() {
  {
    const std::lock_guard lock(mutex_);
    over_ = true;
  }
  begin_.notify_all();
  for (auto& thread : threads_) thread.join();
}

void Crew::run(std::size_t pieces, const std::function<void(std::size_t, std::size_t)>& work) {
  const bool together = pieces > 1 && !threads_.empty();
  {
    const std::lock_guard lock(mutex_);
    work_ = &work;
    pieces_ = pieces;
    next_ = 0;
    if (together) {
      ++turn_;
      busy_ = threads_.size();
    }
  }
  if (together) begin_.notify_all();
  take_pieces(0);
  std::unique_lock lock(mutex_);
  end_.wait(lock, [this] { return busy_ == 0; });
  if (failure_) std::rethrow_exception(std::exchange(failure_, nullptr));
}

void Crew::take_pieces(std::size_t member) {
  try {
    for (std::size_t piece = next_++; piece < pieces_; piece = next_++) (*work_)(piece, member);
  } catch (...) {
    const std::lock_guard lock(mutex_);
    failure_ = std::current_exception();
  }
}

void Crew::serve(std::size_t member) {
  std::size_t seen = 0;
  std::unique_lock lock(mutex_);
  while (true) {
    begin_.wait(lock, [&] { return over_ || turn_ != seen; });
    if (over_) return;
    seen = turn_;
    lock.unlock();
    take_pieces(member);
    lock.lock();
    if (--busy_ == 0) end_.notify_one();
  }
}

}  // namespace baton::checker
