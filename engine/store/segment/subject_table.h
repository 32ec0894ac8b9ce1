#pragma once

#include "engine/store/stored_message.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

namespace signalbox::store {

/// Names a subject within one stream; given to another once its last message is gone.
using SubjectId = std::uint32_t;

constexpr SubjectId kNoSubject = 0xffffffff;

/// Texts of a few bytes each, kept in large pieces, one of which is given back when nothing in it
/// is used any more.
class TextArena {
public:
    using Place = std::uint32_t;

    /// At most `kLongest` bytes.
    Place put(std::string_view text);
    std::string_view at(Place place) const;
    void drop(Place place);

    std::uint64_t bytes() const { return pieces_.size() * std::uint64_t{kPiece}; }

    static constexpr std::size_t kLongest = 0xf000;

private:
    static constexpr std::size_t kPiece = 0x10000;

    struct Piece {
        std::unique_ptr<char[]> bytes;
        std::uint32_t used = 0;
        std::uint32_t texts = 0;
    };
    std::vector<Piece> pieces_;
};

/// What is known of one subject: 24 bytes and its text.
struct SubjectEntry {
    /// Exact, or when `first_stale` a sequence that is not after it.
    std::uint64_t first : 63 = 0;
    std::uint64_t first_stale : 1 = 0;
    Sequence last = 0;
    std::uint32_t messages = 0;
    TextArena::Place text = 0;
};

/// The subjects of one stream, found by their text: a table of open addressing over compact
/// entries, for there may be millions.
class SubjectTable {
public:
    SubjectTable() = default;

    std::optional<SubjectId> find(std::string_view subject) const;

    /// Also a new entry without messages.
    SubjectId find_or_add(std::string_view subject, bool& added);

    SubjectEntry& entry(SubjectId id) { return entries_[id]; }
    SubjectEntry const& entry(SubjectId id) const { return entries_[id]; }
    std::string_view text(SubjectId id) const { return texts_.at(entries_[id].text); }

    /// It is found no more; its id and text stay until `free`.
    void remove(SubjectId id);
    /// The id may be given to another.
    void free(SubjectId id);

    std::size_t size() const { return size_; }
    /// Every id is below.
    std::size_t ids() const { return entries_.size(); }
    bool is_used(SubjectId id) const { return entries_[id].messages > 0; }

    void reserve(std::size_t subjects);
    void clear();

    /// About what it takes up.
    std::uint64_t memory() const;

private:
    /// The hash's low half and the id; the id is `kNoSubject` where there is none.
    struct Slot {
        std::uint32_t tag = 0;
        SubjectId id = kNoSubject;
    };

    std::size_t slot_of(std::string_view subject, std::uint32_t tag) const;
    void grow(std::size_t slots);

    std::vector<Slot> slots_;
    std::vector<SubjectEntry> entries_;
    std::vector<SubjectId> free_;
    TextArena texts_;
    std::size_t size_ = 0;
};

}  // namespace signalbox::store
