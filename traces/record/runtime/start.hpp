#pragma once

namespace baton::record {

/// Makes the key whose destructor ends threads.
__attribute__((visibility("hidden"))) void prepare_threads();
/// After a fork, in the child: it is not recorded.
__attribute__((visibility("hidden"))) void forget_threads();

}  // namespace baton::record
