#pragma once

namespace baton::experiment {

/// The project's version in CMakeLists.txt (a test compares them).
inline constexpr const char* version = "0.1.0";

}  // namespace baton::experiment
