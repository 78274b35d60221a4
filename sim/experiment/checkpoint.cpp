#include "sim/experiment/checkpoint.hpp"

#include <cerrno>
#include <cstring>
#include <stdexcept>

#include <fcntl.h>
#include <unistd.h>

#include "sim/experiment/json.hpp"
#include "sim/experiment/problem.hpp"
#include "sim/experiment/task.hpp"
#include "sim/experiment/version.hpp"
#include "traces/input_file.hpp"

namespace baton::experiment {
namespace {

[[noreturn]] void refuse(const std::string& path, const std::string& why) {
  throw InputProblems(path, Problems{{"", why}});
}

/// Points of two programs are not mixed, and a program under development keeps its version for long: what it
/// consists of tells it from others.
const std::string& program() {
  static const std::string text = std::string(version) + " " + hash_text(traces::read_file("/proc/self/exe"));
  return text;
}

std::string first_line() {
  return Json{{"format", "baton-checkpoint"}, {"version", 2}, {"program", program()}}.dump() + "\n";
}

std::string read_all(int descriptor, const std::string& path) {
  std::string text;
  char buffer[65536];
  for (;;) {
    const ssize_t n = ::read(descriptor, buffer, sizeof buffer);
    if (n == 0) return text;
    if (n > 0) text.append(buffer, static_cast<std::size_t>(n));
    if (n < 0 && errno != EINTR) refuse(path, std::string("cannot be read: ") + std::strerror(errno));
  }
}

Value to_value(const Json& json) {
  if (json.is_number_float()) return json.get<double>();
  if (json.is_number()) return json.get<std::uint64_t>();
  return std::monostate{};
}

}  // namespace

std::uint32_t ColumnTable::number(const Column& column) {
  const auto [at, fresh] = numbers_.try_emplace(column.name, static_cast<std::uint32_t>(columns_.size()));
  if (fresh) columns_.push_back(column);
  return at->second;
}

std::string Checkpoint::path_for(const std::string& output) {
  return output + ".partial";
}

Checkpoint::Checkpoint(const std::string& output, Mode mode, ColumnTable& columns)
    : path_(path_for(output)), columns_(columns) {
  descriptor_ = open(path_.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666);
  if (descriptor_ < 0) refuse(path_, std::string("cannot be written: ") + std::strerror(errno));
  try {
    // A record lock, because it is the process's alone: children do not inherit it and cannot outlive it.
    struct flock lock {};
    lock.l_type = F_WRLCK;
    lock.l_whence = SEEK_SET;
    if (fcntl(descriptor_, F_SETLK, &lock) != 0 && (errno == EACCES || errno == EAGAIN)) {
      refuse(path_, "another baton is writing it");
    }
    const std::string text = read_all(descriptor_, path_);
    // One that was interrupted before its first point has nothing to lose.
    const bool nothing = text.empty() || (text.starts_with(R"({"format":"baton-checkpoint")") &&
                                          text.find(R"({"key":)") == std::string::npos);
    if (!nothing && mode == Mode::fresh) {
      refuse(path_,
             "holds the finished points of an interrupted run; --resume continues it, --restart discards it");
    }
    if (mode == Mode::resume) read(text);
    if (mode == Mode::restart || lines_ == 0) {
      if (ftruncate(descriptor_, 0) != 0 || lseek(descriptor_, 0, SEEK_SET) != 0) {
        refuse(path_, std::string("cannot be written: ") + std::strerror(errno));
      }
      write(first_line());
    }
  } catch (...) {
    close(descriptor_);
    throw;
  }
}

Checkpoint::~Checkpoint() {
  if (descriptor_ < 0) return;
  if (lines_ == 0) unlink(path_.c_str());
  close(descriptor_);
}

void Checkpoint::read(const std::string& text) {
  if (text.empty()) return;
  std::size_t good = 0;  // the end of the last whole line
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = text.find('\n', at);
    if (end == std::string::npos) break;  // torn: the writer died in it
    const Json line = Json::parse(text.begin() + static_cast<std::ptrdiff_t>(at),
                                  text.begin() + static_cast<std::ptrdiff_t>(end), nullptr, false);
    if (at == 0) {
      if (!line.is_object() || line.value("format", Json()) != "baton-checkpoint") {
        refuse(path_, "is no checkpoint of Baton; move it away or discard it with --restart");
      }
      if (line.value("version", Json()) != 2 || line.value("program", Json()) != program()) {
        refuse(
            path_,
            "is of another version or build of Baton, whose points cannot be mixed with this one's; discard "
            "it with --restart");
      }
    } else if (!line.is_object()) {
      break;  // a torn line in the middle of blocks that reached the disk out of order
    } else if (line.contains("column")) {
      columns_.number({line["column"].get<std::string>(), line["unit"].get<std::string>(),
                       line["meaning"].get<std::string>()});
    } else {
      Measured measured;
      measured.seconds = line["seconds"].get<double>();
      for (const auto& [name, value] : line["values"].items()) {
        measured.values.emplace_back(columns_.number({name, "1", ""}), to_value(value));
      }
      measured.lines = line.value("lines", std::string());
      finished_[line["key"].get<std::string>()] = std::move(measured);
      ++lines_;
    }
    at = good = end + 1;
  }
  columns_written_ = columns_.size();
  const auto length = static_cast<off_t>(good);
  if (ftruncate(descriptor_, length) != 0 || lseek(descriptor_, length, SEEK_SET) != length) {
    refuse(path_, std::string("cannot be written: ") + std::strerror(errno));
  }
}

void Checkpoint::write(const std::string& text) {
  for (std::size_t sent = 0; sent < text.size();) {
    const ssize_t n = ::write(descriptor_, text.data() + sent, text.size() - sent);
    if (n < 0 && errno != EINTR)
      throw std::runtime_error(path_ + ": cannot be written: " + std::strerror(errno));
    if (n > 0) sent += static_cast<std::size_t>(n);
  }
}

void Checkpoint::write_new_columns() {
  for (; columns_written_ < columns_.size(); ++columns_written_) {
    const Column& column = columns_[static_cast<std::uint32_t>(columns_written_)];
    write(Json{{"column", column.name}, {"unit", column.unit}, {"meaning", column.meaning}}.dump() + "\n");
  }
}

void Checkpoint::add(const std::string& key, const Measured& measured) {
  write_new_columns();
  Json values = Json::object();
  for (const auto& [column, value] : measured.values) {
    values[columns_[column].name] = std::visit(
        [](const auto& number) -> Json {
          if constexpr (std::is_same_v<std::decay_t<decltype(number)>, std::monostate>) {
            return nullptr;
          } else {
            return number;
          }
        },
        value);
  }
  Json line{{"key", key}, {"seconds", measured.seconds}, {"values", std::move(values)}};
  if (!measured.lines.empty()) line["lines"] = measured.lines;
  write(line.dump() + "\n");
  fsync(descriptor_);
  ++lines_;
}

void Checkpoint::remove() {
  unlink(path_.c_str());
  close(descriptor_);
  descriptor_ = -1;
}

}  // namespace baton::experiment
