#pragma once

#include "engine/base/check.h"
#include "engine/base/error.h"

#include <optional>
#include <utility>
#include <variant>

namespace signalbox::base {

/// A value, or why there is none. Asked by name and never converted, so that a `Result<bool>`
/// cannot be mistaken for its value.
template <class T>
class [[nodiscard]] Result {
public:
    using Value = T;

    Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}
    Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}

    bool ok() const { return state_.index() == 0; }

    T& value() & {
        CHECK(ok());
        return *std::get_if<0>(&state_);
    }
    T const& value() const& {
        CHECK(ok());
        return *std::get_if<0>(&state_);
    }
    T&& value() && {
        CHECK(ok());
        return std::move(*std::get_if<0>(&state_));
    }

    Error const& error() const {
        CHECK(!ok());
        return *std::get_if<1>(&state_);
    }

    T value_or(T fallback) && { return ok() ? std::move(*this).value() : std::move(fallback); }

private:
    std::variant<T, Error> state_;
};

/// Done, or why not.
template <>
class [[nodiscard]] Result<void> {
public:
    using Value = void;

    Result() = default;
    Result(Error error) : error_(std::move(error)) {}

    bool ok() const { return !error_.has_value(); }

    void value() const { CHECK(ok()); }

    Error const& error() const {
        CHECK(!ok());
        return *error_;
    }

private:
    std::optional<Error> error_;
};

}  // namespace signalbox::base

namespace signalbox {
using base::Errc;
using base::Error;
using base::Result;
}  // namespace signalbox

/// Unwraps a Result, or returns its error from the enclosing function. A statement expression,
/// which g++ and clang both have; do not nest one in another.
#define TRY(expression)                       \
    __extension__({                           \
        auto try_result_ = (expression);      \
        if (!try_result_.ok()) [[unlikely]] { \
            return try_result_.error();       \
        }                                     \
        std::move(try_result_).value();       \
    })
