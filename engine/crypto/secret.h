#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

namespace signalbox::crypto {

/// Whether both are equal, in a time that tells nothing of where they differ (their lengths are no
/// secret).
inline bool equal_in_constant_time(std::string_view a, std::string_view b) {
    if (a.size() != b.size()) {
        return false;
    }
    unsigned difference = 0;
    for (std::size_t i = 0; i < a.size(); ++i) {
        difference |= static_cast<unsigned char>(a[i]) ^ static_cast<unsigned char>(b[i]);
    }
    return difference == 0;
}

/// A password, token or seed. It has no way to be printed, compares in constant time, and is wiped
/// when it goes.
class Secret {
public:
    Secret() = default;
    explicit Secret(std::string text) : text_(std::move(text)) {}
    Secret(Secret const&) = default;
    Secret(Secret&& other) noexcept : text_(std::move(other.text_)) { other.wipe(); }
    Secret& operator=(Secret const& other) {
        if (this != &other) {
            wipe();
            text_ = other.text_;
        }
        return *this;
    }
    Secret& operator=(Secret&& other) noexcept {
        if (this != &other) {
            wipe();
            text_ = std::move(other.text_);
            other.wipe();
        }
        return *this;
    }
    ~Secret() { wipe(); }

    bool empty() const { return text_.empty(); }

    /// For the check that needs it; the view must not be kept, logged or sent to a peer.
    std::string_view reveal() const { return text_; }

    friend bool operator==(Secret const& a, Secret const& b) {
        return equal_in_constant_time(a.text_, b.text_);
    }

private:
    void wipe() {
        // A short text that was moved away still stands in the memory it had, past the end.
        text_.resize(text_.capacity());
        // Through a volatile pointer, so that the compiler does not leave the last writes out.
        char volatile* at = text_.data();
        for (std::size_t i = 0; i < text_.size(); ++i) {
            at[i] = 0;
        }
        text_.clear();
    }

    std::string text_;
};

}  // namespace signalbox::crypto
