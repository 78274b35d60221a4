#pragma once
// Faults planted in a copy of a protocol's tables, each with the violation that the checker must report.

#include <functional>
#include <iostream>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "protocols/core/check_search.hpp"
#include "protocols/core/mutable_table.hpp"

namespace baton::test {

template <class P>
struct Mutant {
  using Cache = MutableTable<CacheContext<P>>;
  using Home = MutableTable<HomeContext<P>>;

  std::string fault;
  OptionValues options;
  std::function<void(Cache&, Home&)> plant;
  std::string expected;  ///< the violation begins with, or contains, this
  int caches = 2;
};

/// Of equally short counterexamples the search may find any: `alternatives` are separated by " or ".
inline bool contains_one_of(const std::string& text, std::string alternatives) {
  for (std::size_t at; (at = alternatives.find(" or ")) != std::string::npos; alternatives.erase(0, at + 4))
    if (text.find(alternatives.substr(0, at)) != std::string::npos) return true;
  return text.find(alternatives) != std::string::npos;
}

template <class P>
void require_killed(const std::vector<Mutant<P>>& mutants) {
  for (const auto& mutant : mutants) {
    const Variant<P> right = P::variant(mutant.options);
    typename Mutant<P>::Cache cache(right.cache);
    typename Mutant<P>::Home home(right.home);
    mutant.plant(cache, home);
    Variant<P> wrong = right;
    wrong.cache = cache.view();
    wrong.home = home.view();
    const auto result = check<P>(wrong, {.caches = mutant.caches});
    std::cout << mutant.fault << ": " << result.violation << " (" << result.trace.size() << " steps)\n";
    std::string trace;
    for (const auto& line : result.trace) trace += "\n  " + line.text;
    INFO(mutant.fault << ": " << result.violation << trace);
    CHECK_FALSE(result.ok);
    CHECK(contains_one_of(result.violation, mutant.expected));
    CHECK((result.trace.empty() == (mutant.expected == "a hit does more")));
  }
}

}  // namespace baton::test
