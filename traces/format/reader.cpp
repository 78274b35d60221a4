#include "traces/format/reader.hpp"

#include <algorithm>

#include "traces/format/codec.hpp"
#include "traces/format/file.hpp"

namespace baton::traces::format {
namespace {

class Stream final : public RecordStream {
 public:
  Stream(std::shared_ptr<const Recording::File> file, std::uint32_t thread)
      : file_(std::move(file)), blocks_(file_->threads()[thread].blocks) {}

  std::size_t next(std::span<Record> out) override {
    while (left_ == 0) {
      if (block_ == blocks_.size()) return 0;
      begin_block(block_++);
    }
    const std::size_t n = std::min<std::size_t>(left_, out.size());
    for (std::size_t i = 0; i < n; ++i) get(out[i]);
    left_ -= static_cast<std::uint32_t>(n);
    if (left_ == 0 && !decoder_.at_end()) corrupt();
    return n;
  }

  void seek(std::uint64_t index) override {
    const auto after = std::upper_bound(
        blocks_.begin(), blocks_.end(), index,
        [](std::uint64_t wanted, const Block& block) { return wanted < block.header.first; });
    left_ = 0;
    block_ = static_cast<std::size_t>(after - blocks_.begin());
    if (block_ == 0) return;
    const BlockHeader& header = blocks_[block_ - 1].header;
    if (index >= header.first + header.count) return;
    begin_block(block_ - 1);
    Record skipped;
    for (std::uint64_t i = header.first; i < index; ++i, --left_) get(skipped);
  }

 private:
  void begin_block(std::size_t block) {
    current_ = block;
    file_->content_of(blocks_[block], content_);
    decoder_.begin(content_);
    left_ = blocks_[block].header.count;
  }

  void get(Record& record) {
    if (!decoder_.get(record)) corrupt();
  }

  [[noreturn]] void corrupt() const {
    file_->fail(blocks_[current_].offset, "the block is corrupt: its records cannot be read");
  }

  std::shared_ptr<const Recording::File> file_;
  const std::vector<Block>& blocks_;
  std::size_t block_ = 0;  ///< to be read next
  std::size_t current_ = 0;
  std::uint32_t left_ = 0;  ///< records of the current block
  std::string content_;
  Decoder decoder_;
};

}  // namespace

Recording::Recording(const std::string& path, Damage damage)
    : file_(std::make_shared<const File>(path, damage)) {}
Recording::~Recording() = default;

const std::string& Recording::path() const {
  return file_->path();
}
const Properties& Recording::properties() const {
  return file_->properties();
}
std::string Recording::property(const std::string& key) const {
  for (const auto& [name, value] : properties()) {
    if (name == key) return value;
  }
  return "";
}
std::uint32_t Recording::threads() const {
  return static_cast<std::uint32_t>(file_->threads().size());
}
std::uint64_t Recording::records(std::uint32_t thread) const {
  return file_->threads().at(thread).records;
}
std::uint64_t Recording::end(std::uint32_t thread) const {
  return file_->threads().at(thread).end;
}
const std::vector<Location>& Recording::locations() const {
  return file_->locations();
}
const std::vector<DataSymbol>& Recording::symbols() const {
  return file_->symbols();
}
std::unique_ptr<RecordStream> Recording::stream(std::uint32_t thread) const {
  return std::make_unique<Stream>(file_, thread);
}
const std::vector<Type>& Recording::types() const {
  return file_->types();
}
const std::vector<DomainOrder>& Recording::orders() const {
  return file_->orders();
}
const std::vector<std::string>& Recording::damage() const {
  return file_->damage();
}

}  // namespace baton::traces::format
