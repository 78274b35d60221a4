// The kernel's page allocator: threads replace random ones of the pages that they hold, and free pages that
// others allocated, as a network stack and a page cache do. See parts/page_lists.hpp for what of Linux is
// modelled. The claim (zone->lock, 70 to 99 % efficiency) names the zone's lock; with zone_batch 1 it is
// taken for every page.
#include "traces/programs/parts/block_load.hpp"
#include "traces/programs/parts/page_lists.hpp"

namespace baton::programs {
namespace {

constexpr std::string_view design_choices[] = {"locked", "lock_free"};

constexpr Parameter own_table[] = {
    {"operations_per_thread", Parameter::Type::integer, 1000, 1, 1e12, "",
     "pages that each thread replaces: an alloc, and a free of what was there, if anything was"},
    {"work_cycles", Parameter::Type::integer, 1000, 0, 1e9, "cycles",
     "after each alloc and each free (to clear a page of 4 KiB at 10 GB/s and 2.5 GHz: 1000)"},
    {"design", Parameter::Type::choice, 0, 0, 1, "",
     "the zone's list under a lock, or a stack moved by compare-and-swap", design_choices},
    {"window", Parameter::Type::integer, 64, 1, 1e6, "pages", "that each thread holds"},
    {"handed_over", Parameter::Type::real, 0.2, 0, 1, "",
     "share of pages that another thread frees; no source, swept by configs/systems_sensitivity.json"},
    lock_parameter(LockKind::mcs),
};
constexpr auto table = joined(own_table, page_list_parameters, backoff_parameters, lock_parameters);

BlockLoad::Shape shape_of(const ParameterValues& values) {
  BlockLoad::Shape shape;
  shape.operations = values.integer("operations_per_thread");
  shape.window = values.integer("window");
  shape.handed_over = values["handed_over"];
  shape.work_cycles = values.integer("work_cycles");
  return shape;
}

class PageAllocator final : public Instance {
 public:
  explicit PageAllocator(Setup& setup)
      : lists_(setup, setup.parameters.choice("design") == "locked", lock_kind(setup.parameters),
               BlockLoad::most_held(shape_of(setup.parameters), setup.threads())),
        load_(setup, shape_of(setup.parameters), lists_.pages(), lists_.lists(), lists_.zone()) {}

  Task<> run(Thread& t) override { return load_.run(t); }
  std::optional<std::string> self_check(const Contents& memory) const override {
    return load_.self_check(memory);
  }

 private:
  PageLists lists_;
  BlockLoad load_;
};

class Description final : public Program {
 public:
  std::string_view name() const override { return "page_allocator"; }
  std::string_view summary() const override {
    return "Threads take pages from a zone and give them back, in batches through lists of their own: a list "
           "under "
           "a lock against a stack moved by compare-and-swap.";
  }
  std::span<const Parameter> parameters() const override { return table; }
  std::vector<ParameterError> check(const ParameterValues& values, std::uint32_t) const override {
    return check_backoff(values);
  }
  std::unique_ptr<Instance> set_up(Setup& setup) const override {
    return std::make_unique<PageAllocator>(setup);
  }
};

}  // namespace

const Program& program_page_allocator() {
  static const Description description;
  return description;
}

}  // namespace baton::programs
