// What the stand-in's C# side calls. A tensor crosses the border as the address of its TensorImpl, one reference owned.
#pragma once

#include <ATen/ATen.h>
#include <torch/version.h>

#include <cstdint>
#include <exception>
#include <string>

#define MOCO_API extern "C" __attribute__((visibility("default")))

namespace moco {

// Kinds of a value that crosses the border; the same numbers in Value.cs.
enum class Kind : int32_t {
  None = 0,
  Tensor = 1,
  Int = 2,
  Double = 3,
  Bool = 4,
  IntList = 5,
  DoubleList = 6,
  BoolList = 7,
  TensorList = 8,
  String = 9,
  Device = 10,
  Generator = 11,
  Default = 12,
  ComplexPair = 13,
};

struct Value {
  Kind kind;
  int32_t length; // of a list or a string
  union {
    int64_t integer;
    double real;
    void* pointer;
  };
};
static_assert(sizeof(Value) == 16, "the C# side lays a value out in 16 bytes");

// Undefined tensors cross as null.
inline at::Tensor borrow(void* handle) {
  if (handle == nullptr) return {};
  return at::Tensor::wrap_tensor_impl(
      c10::intrusive_ptr<c10::TensorImpl, c10::UndefinedTensorImpl>::reclaim_copy(static_cast<c10::TensorImpl*>(handle)));
}

inline void* release(at::Tensor&& tensor) {
  return tensor.defined() ? tensor.unsafeReleaseTensorImpl() : nullptr;
}

inline c10::TensorImpl* impl(void* handle) { return static_cast<c10::TensorImpl*>(handle); }

inline c10::Device device(int64_t bits) {
  return c10::Device(static_cast<c10::DeviceType>(static_cast<int8_t>(bits & 0xff)), static_cast<c10::DeviceIndex>(bits >> 8));
}

inline int64_t device_bits(c10::Device device) {
  return static_cast<int64_t>(static_cast<uint8_t>(device.type())) | static_cast<int64_t>(device.index()) * 256;
}

void set_error(const char* message);

// Runs the body; on an exception keeps its message for moco_last_error and returns the fallback.
template <typename Body, typename Result>
Result guarded(Result fallback, Body&& body) {
  try {
    return body();
  } catch (const c10::Error& error) {
    set_error(error.what_without_backtrace());
  } catch (const std::exception& error) {
    set_error(error.what());
  } catch (...) {
    set_error("unknown native exception");
  }
  return fallback;
}

} // namespace moco
