#pragma once
// Reads litmus tests as herd and diy write them (diy.inria.fr/doc/litmus.html), for x86 and C; README.md says
// what of them.

#include "traces/litmus/test.hpp"

namespace baton::litmus {

/// Throws traces::InputError, with the line, for what is malformed or not supported.
Test parse(const std::string& text, const std::string& file);
/// The same of a file.
Test load(const std::string& path);

}  // namespace baton::litmus
