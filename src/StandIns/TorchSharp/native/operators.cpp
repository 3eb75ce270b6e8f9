// One entry point for every operator: arguments become IValues as the schema asks, the boxed dispatcher runs them.
#include "shim.h"

#include <ATen/core/dispatch/Dispatcher.h>
#include <ATen/core/ivalue.h>
#include <ATen/core/jit_type.h>
#include <ATen/core/stack.h>

#include <vector>

namespace moco {
namespace {

using OptionalTensors = decltype(std::declval<const c10::IValue&>().toOptionalTensorList());

// What an operator's argument takes, once `optional` is peeled off.
struct Parameter {
  c10::TypeKind kind;
  c10::TypeKind element; // of a list
  bool element_optional;
  bool optional;
  int64_t repeat; // n of int[n], where one number stands for n equal ones
};

struct Operator {
  c10::OperatorHandle handle;
  std::vector<Parameter> parameters;
  size_t returns;
};

Parameter describe(const c10::Argument& argument) {
  Parameter result{};
  c10::TypePtr type = argument.type();
  if (type->kind() == c10::TypeKind::OptionalType) {
    result.optional = true;
    type = type->castRaw<c10::OptionalType>()->getElementType();
  }
  result.kind = type->kind();
  if (result.kind == c10::TypeKind::ListType) {
    c10::TypePtr element = type->castRaw<c10::ListType>()->getElementType();
    if (element->kind() == c10::TypeKind::OptionalType) {
      result.element_optional = true;
      element = element->castRaw<c10::OptionalType>()->getElementType();
    }
    result.element = element->kind();
  }
  auto repeat = argument.N();
  result.repeat = repeat ? *repeat : 1;
  return result;
}

c10::IValue tensor_list(const Value& value, bool element_optional) {
  auto handles = static_cast<void**>(value.pointer);
  if (element_optional) {
    OptionalTensors list;
    list.reserve(value.length);
    for (int32_t i = 0; i < value.length; i++) {
      if (handles[i]) list.push_back(borrow(handles[i]));
      else list.push_back(typename OptionalTensors::value_type{});
    }
    return list;
  }
  c10::List<at::Tensor> list;
  list.reserve(value.length);
  for (int32_t i = 0; i < value.length; i++) list.push_back(borrow(handles[i]));
  return list;
}

c10::IValue number_list(const Value& value, const Parameter& parameter) {
  if (value.kind == Kind::BoolList) {
    c10::List<bool> list;
    auto flags = static_cast<const uint8_t*>(value.pointer);
    for (int32_t i = 0; i < value.length; i++) list.push_back(flags[i] != 0);
    return list;
  }
  if (value.kind == Kind::DoubleList) return c10::ArrayRef<double>(static_cast<const double*>(value.pointer), value.length);
  c10::ArrayRef<int64_t> integers(static_cast<const int64_t*>(value.pointer), value.length);
  if (parameter.element != c10::TypeKind::FloatType) return integers;
  c10::List<double> list;
  for (int64_t integer : integers) list.push_back(static_cast<double>(integer));
  return list;
}

c10::IValue convert(const Value& value, const Parameter& parameter, const c10::Argument& argument) {
  switch (value.kind) {
    case Kind::None:
      if (parameter.kind == c10::TypeKind::TensorType && !parameter.optional) return at::Tensor();
      return {};
    case Kind::Tensor: return borrow(value.pointer);
    case Kind::Int:
      if (parameter.kind == c10::TypeKind::FloatType) return static_cast<double>(value.integer);
      if (parameter.kind == c10::TypeKind::BoolType) return value.integer != 0;
      if (parameter.kind == c10::TypeKind::ListType) return std::vector<int64_t>(parameter.repeat, value.integer);
      return value.integer;
    case Kind::Double: return value.real;
    case Kind::Bool:
      if (parameter.kind == c10::TypeKind::FloatType) return value.integer != 0 ? 1.0 : 0.0;
      if (parameter.kind == c10::TypeKind::IntType) return static_cast<int64_t>(value.integer != 0);
      return value.integer != 0;
    case Kind::IntList:
    case Kind::DoubleList:
    case Kind::BoolList: return number_list(value, parameter);
    case Kind::TensorList: return tensor_list(value, parameter.element_optional);
    case Kind::String: return std::string(static_cast<const char*>(value.pointer), value.length);
    case Kind::Device: return device(value.integer);
    case Kind::Generator: return *static_cast<at::Generator*>(value.pointer);
    case Kind::ComplexPair: {
      auto parts = static_cast<const double*>(value.pointer);
      return c10::complex<double>(parts[0], parts[1]);
    }
    case Kind::Default: break;
  }
  auto fallback = argument.default_value();
  if (!fallback) throw std::runtime_error("the argument '" + argument.name() + "' has no default value");
  return *fallback;
}

Value tensor_value(at::Tensor&& tensor) {
  Value result{};
  result.kind = tensor.defined() ? Kind::Tensor : Kind::None;
  result.pointer = release(std::move(tensor));
  return result;
}

Value scalar_value(const c10::IValue& value) {
  Value result{};
  if (value.isInt()) { result.kind = Kind::Int; result.integer = value.toInt(); }
  else if (value.isBool()) { result.kind = Kind::Bool; result.integer = value.toBool(); }
  else if (value.isDouble()) { result.kind = Kind::Double; result.real = value.toDouble(); }
  else if (!value.isNone()) throw std::runtime_error("the stand-in does not know a result of type " + value.tagKind());
  return result;
}

// Results that did not fit the caller's buffer wait here for moco_take_results.
thread_local std::vector<Value> overflow;
thread_local torch::jit::Stack idle_stack;

// Borrows this thread's stack, so that a call allocates none, and gives it back empty even when the call throws.
struct StackLease {
  torch::jit::Stack stack = std::move(idle_stack);
  ~StackLease() {
    stack.clear();
    idle_stack = std::move(stack);
  }
};

int64_t collect(torch::jit::Stack& stack, Value* results, int64_t capacity) {
  int64_t count = 0;
  overflow.clear();
  auto add = [&](Value value) {
    if (count < capacity) results[count] = value;
    else overflow.push_back(value);
    count++;
  };
  for (auto& value : stack) {
    if (value.isTensor()) add(tensor_value(std::move(value).toTensor()));
    else if (value.isTensorList()) {
      for (at::Tensor tensor : value.toTensorVector()) add(tensor_value(std::move(tensor)));
    } else add(scalar_value(value));
  }
  return count;
}

} // namespace
} // namespace moco

using namespace moco;

// The operator of that name and overload; null where this libtorch has none (see moco_last_error). Never freed.
MOCO_API void* moco_operator_find(const char* name, const char* overload) {
  return guarded<>(static_cast<void*>(nullptr), [&]() -> void* {
    auto handle = c10::Dispatcher::singleton().findSchemaOrThrow(name, overload);
    auto found = new Operator{handle, {}, handle.schema().returns().size()};
    for (const auto& argument : handle.schema().arguments()) found->parameters.push_back(describe(argument));
    return found;
  });
}

// Calls the operator; -1 on an error, else the number of results. With capacity 0 the results are let go:
// an in-place operator's result is the tensor that the caller has already.
MOCO_API int64_t moco_operator_call(void* operator_, const Value* arguments, int64_t count, Value* results, int64_t capacity) {
  return guarded<>(static_cast<int64_t>(-1), [&]() -> int64_t {
    auto& op = *static_cast<Operator*>(operator_);
    const auto& schema = op.handle.schema().arguments();
    if (static_cast<size_t>(count) > schema.size())
      throw std::runtime_error(c10::toString(op.handle.operator_name()) + " takes " + std::to_string(schema.size()) + " arguments, not " + std::to_string(count));
    StackLease lease;
    auto& stack = lease.stack;
    for (int64_t i = 0; i < count; i++) stack.push_back(convert(arguments[i], op.parameters[i], schema[i]));
    for (size_t i = count; i < schema.size(); i++) stack.push_back(convert(Value{Kind::Default, 0, {0}}, op.parameters[i], schema[i]));
    op.handle.callBoxed(&stack);
    if (capacity == 0) return static_cast<int64_t>(op.returns);
    return collect(stack, results, capacity);
  });
}

MOCO_API void moco_take_results(Value* results) {
  std::copy(overflow.begin(), overflow.end(), results);
  overflow.clear();
}
