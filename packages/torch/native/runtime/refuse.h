// How a kernel ends that cannot go on: the caller gets an error. The kernels throw nothing themselves, so that they also
// compile for targets without C++ exceptions; what happens here is for each of them to define (refuse.cpp throws).
//
// A kernel refuses before it has written anything. Nothing relies on destructors to run on the way out but the release
// of memory, which is lost where they do not.
#pragma once

namespace flambeau {

// An Error with these words.
[[noreturn]] void refuse(const char* reason);
// The RangeError of memory that there is not.
[[noreturn]] void refuseMemory();

}  // namespace flambeau
