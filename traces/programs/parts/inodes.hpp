#pragma once
// Reference counts and sizes of open files.
//
// Linux: igrab() takes inode->i_lock to make sure that the inode is not about to be freed, and counts the
// reference (fs/inode.c); iput() takes it only for the last reference (atomic_dec_and_lock());
// inode_add_bytes() takes it to add to what the file occupies (fs/stat.c); i_size is read without it. The
// other design has a count for each core, as percpu_ref has (lib/percpu-refcount.c), and adds to the size
// atomically, or to a word for each core as percpu_counter does (lib/percpu_counter.c), whose exact sum reads
// all of them.
//
// Modelled: these words and the lock. Not modelled: the inode's other state, the file's own lock (i_rwsem,
// which orders writers of one file in both designs), and how a count of each core finds out that it is the
// last.

#include <string>
#include <vector>

#include "traces/programs/parts/lock.hpp"

namespace baton::programs {

inline constexpr std::string_view size_by_choices[] = {"atomic", "per_core"};

/// For programs that have padding_parameter() and locks, too.
inline constexpr Parameter inode_parameters[] = {
    {"inodes", Parameter::Type::integer, 1, 1, 1e6, "", "files, each operation on a random one"},
    {"inode_cycles", Parameter::Type::integer, 100, 0, 1e6, "cycles",
     "work of each get, append and put besides the accesses; under the lock, where it is taken; no source, "
     "swept by configs/systems_sensitivity.json"},
    {"put_takes_lock", Parameter::Type::flag, 0, 0, 1, "",
     "locked: a reference that is not the last one is put under the lock, too (Linux: no, by an atomic)"},
    {"size_by", Parameter::Type::choice, 0, 0, 1, "",
     "lock_free: the size is one word, or one for each core that a reader sums up", size_by_choices},
    placement_parameter("inode_words", "how an inode's lock and words lie in lines; Linux: packed"),
};

class Inodes {
 public:
  explicit Inodes(Setup& setup)
      : cycles_(setup.parameters.integer("inode_cycles")),
        bytes_(setup.parameters.integer("inodes")),
        begun_(bytes_.size()) {}
  Inodes(const Inodes&) = delete;
  Inodes& operator=(const Inodes&) = delete;
  virtual ~Inodes() = default;

  virtual Task<> get(Thread& t, std::uint64_t inode) = 0;
  virtual Task<> put(Thread& t, std::uint64_t inode) = 0;

  Task<> append(Thread& t, std::uint64_t inode, std::uint64_t bytes) {
    begun_[inode] += bytes;
    co_await add_size(t, inode, bytes);
    bytes_[inode] += bytes;
  }
  Task<> stat(Thread& t, std::uint64_t inode) {
    const std::uint64_t complete = bytes_[inode];
    const std::uint64_t size = co_await read_size(t, inode);
    if ((size < complete || size > begun_[inode]) && fault_.empty())
      fault_ = "inode " + std::to_string(inode) + " had size " + std::to_string(size) + " after " +
               std::to_string(complete) + " bytes had been added, and " + std::to_string(begun_[inode]) +
               " had been or were being";
  }

  std::optional<std::string> self_check(const Contents& memory) const {
    if (!fault_.empty()) return fault_;
    for (std::uint64_t inode = 0; inode < bytes_.size(); ++inode) {
      if (!is_unlocked(memory, inode)) return "inode " + std::to_string(inode) + " is still locked";
      if (const std::uint64_t found = last_references(memory, inode); found != 0)
        return "inode " + std::to_string(inode) + " has " + std::to_string(static_cast<std::int64_t>(found)) +
               " references; all were put";
      if (const std::uint64_t found = last_size(memory, inode); found != bytes_[inode])
        return "inode " + std::to_string(inode) + " has size " + std::to_string(found) + "; " +
               std::to_string(bytes_[inode]) + " bytes were added";
    }
    return {};
  }

 protected:
  virtual Task<> add_size(Thread& t, std::uint64_t inode, std::uint64_t bytes) = 0;
  virtual Task<std::uint64_t> read_size(Thread& t, std::uint64_t inode) = 0;
  virtual bool is_unlocked(const Contents&, std::uint64_t /*inode*/) const { return true; }
  virtual std::uint64_t last_references(const Contents& memory, std::uint64_t inode) const = 0;
  virtual std::uint64_t last_size(const Contents& memory, std::uint64_t inode) const = 0;

  std::uint64_t cycles_;

 private:
  std::vector<std::uint64_t> bytes_;  // by inode: appends that are complete
  std::vector<std::uint64_t> begun_;  // and those that have begun
  std::string fault_;
};

class LockedInodes final : public Inodes {
 public:
  LockedInodes(Setup& setup, LockKind kind)
      : Inodes(setup),
        put_takes_lock_(setup.parameters.flag("put_takes_lock")),
        wait_(setup.phase("inode_lock")) {
    const Placement placement = placement_of(setup.parameters, "inode_words");
    for (std::uint64_t i = 0; i < setup.parameters.integer("inodes"); ++i)
      inodes_.push_back({make_lock(setup, kind, placement), setup.memory.object(2, placement)});
  }

  Task<> get(Thread& t, std::uint64_t inode) override { co_await add(t, inode, inodes_[inode].count, 1); }

  Task<> put(Thread& t, std::uint64_t inode) override {
    const Inode& of = inodes_[inode];
    if (put_takes_lock_) {
      co_await add(t, inode, of.count, minus_one);
    } else {
      co_await t.compute(cycles_);
      co_await t.fetch_add(of.count, minus_one);
    }
  }

 private:
  static constexpr std::uint64_t minus_one = ~std::uint64_t{0};
  struct Inode {
    std::unique_ptr<Lock> lock;
    Address count;  // the size is the next word
  };
  static Address size(const Inode& inode) { return inode.count + word_bytes; }

  Task<> add_size(Thread& t, std::uint64_t inode, std::uint64_t bytes) override {
    co_await add(t, inode, size(inodes_[inode]), bytes);
  }
  Task<std::uint64_t> read_size(Thread& t, std::uint64_t inode) override {
    co_return co_await t.load(size(inodes_[inode]));
  }
  bool is_unlocked(const Contents& memory, std::uint64_t inode) const override {
    return inodes_[inode].lock->is_free(memory);
  }
  std::uint64_t last_references(const Contents& memory, std::uint64_t inode) const override {
    return memory.last(inodes_[inode].count);
  }
  std::uint64_t last_size(const Contents& memory, std::uint64_t inode) const override {
    return memory.last(size(inodes_[inode]));
  }

  // Of a word under the lock. The count is changed atomically there, because iput() may change it without.
  Task<> add(Thread& t, std::uint64_t inode, Address word, std::uint64_t addend) {
    const Inode& of = inodes_[inode];
    t.enter(wait_);
    co_await of.lock->acquire(t);
    t.leave();
    co_await t.compute(cycles_);
    if (word == of.count)
      co_await t.fetch_add(word, addend);
    else
      co_await t.store(word, co_await t.load(word) + addend);
    co_await of.lock->release(t);
  }

  bool put_takes_lock_;
  PhaseName wait_;
  std::vector<Inode> inodes_;
};

class PerCoreInodes final : public Inodes {
 public:
  explicit PerCoreInodes(Setup& setup)
      : Inodes(setup), threads_(setup.threads()), sums_(setup.parameters.choice("size_by") == "per_core") {
    const std::uint64_t inodes = setup.parameters.integer("inodes");
    counts_ = setup.memory.array(inodes * threads_, 2);
    sizes_ = setup.memory.array(inodes, 1, placement_of(setup.parameters, "inode_words"));
  }

  Task<> get(Thread& t, std::uint64_t inode) override { return add_own(t, own(t, inode), 1); }
  Task<> put(Thread& t, std::uint64_t inode) override { return add_own(t, own(t, inode), ~std::uint64_t{0}); }

 private:
  // A core's count, of which only it writes; its part of the size is the next word.
  Address own(Thread& t, std::uint64_t inode) const { return counts_[inode * threads_ + t.index()]; }

  Task<> add_own(Thread& t, Address word, std::uint64_t addend) {
    co_await t.compute(cycles_);
    co_await t.store(word, co_await t.load(word) + addend);
  }

  Task<> add_size(Thread& t, std::uint64_t inode, std::uint64_t bytes) override {
    if (sums_) {
      co_await add_own(t, own(t, inode) + word_bytes, bytes);
    } else {
      co_await t.compute(cycles_);
      co_await t.fetch_add(sizes_[inode], bytes);
    }
  }

  Task<std::uint64_t> read_size(Thread& t, std::uint64_t inode) override {
    std::uint64_t size = co_await t.load(sizes_[inode]);
    for (std::uint64_t i = 0; sums_ && i < threads_; ++i)
      size += co_await t.load(counts_[inode * threads_ + i] + word_bytes);
    co_return size;
  }

  std::uint64_t last_references(const Contents& memory, std::uint64_t inode) const override {
    return sum(memory, inode, 0);
  }
  std::uint64_t last_size(const Contents& memory, std::uint64_t inode) const override {
    return memory.last(sizes_[inode]) + sum(memory, inode, word_bytes);
  }
  std::uint64_t sum(const Contents& memory, std::uint64_t inode, std::uint64_t offset) const {
    std::uint64_t sum = 0;
    for (std::uint64_t i = 0; i < threads_; ++i) sum += memory.last(counts_[inode * threads_ + i] + offset);
    return sum;
  }

  std::uint64_t threads_;
  bool sums_;
  Array counts_;  // by inode, then thread
  Array sizes_;   // by inode
};

}  // namespace baton::programs
