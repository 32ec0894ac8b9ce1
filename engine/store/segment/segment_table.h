#pragma once

#include "engine/base/result.h"
#include "engine/store/stored_message.h"

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace signalbox::store {

/// What the table of a segment knows of one message.
struct Row {
    Sequence sequence = 0;
    std::int64_t time = 0;  ///< Nanoseconds of the calendar.
    std::uint32_t block = 0;
    std::uint32_t offset = 0;  ///< Of the record in its block.
    std::uint32_t size = 0;    ///< Of the record.
    bool has_headers = false;
    std::uint32_t subject = 0;  ///< In the segment's own list.
    Sequence previous = 0;      ///< The message before on the same subject; 0 when there was none.
};

/// Where a row stands.
struct RowPlace {
    std::uint32_t group = 0;
    std::uint32_t place = 0;
};

/// The messages of one segment: about ten bytes each, as runs of differences in groups of 64, and a
/// bit each for those that are gone.
class SegmentTable {
public:
    static constexpr std::uint32_t kGroupRows = 64;
    using GroupRows = std::array<Row, kGroupRows>;

    /// The sequence is higher than all before; a row of another block than the last begins at
    /// offset 0 of it, any other behind the last.
    void append(Row const& row);

    bool empty() const { return groups_.empty(); }
    std::uint32_t groups() const { return static_cast<std::uint32_t>(groups_.size()); }
    Sequence first() const { return groups_.front().first; }
    Sequence last() const { return last_.sequence; }
    std::int64_t latest() const { return latest_; }
    std::uint64_t rows() const { return rows_; }
    std::uint64_t live() const { return live_; }

    /// The group that holds the sequence if one does; the last that begins at or before it, and 0
    /// when none does.
    std::uint32_t group_of(Sequence sequence) const;
    std::uint32_t block_of(std::uint32_t group) const { return groups_[group].block; }

    /// Fills in the rows of a group and answers how many there are.
    std::uint32_t decode(std::uint32_t group, GroupRows& rows) const;
    std::uint64_t deleted_in(std::uint32_t group) const { return groups_[group].deleted; }
    bool is_deleted(RowPlace at) const { return (groups_[at.group].deleted >> at.place & 1) != 0; }
    bool all_deleted(std::uint32_t group) const;

    /// A live row; nothing for one that is gone or never was.
    std::optional<RowPlace> find(Sequence sequence, Row& row) const;

    /// It must be live.
    void erase(RowPlace at);

    /// Without what is gone.
    void save(std::string& out) const;
    /// `block_sizes` are those of the raw blocks. Errors: Corrupt.
    static Result<SegmentTable> load(Bytes bytes, std::vector<std::uint32_t> const& block_sizes,
                                     std::uint32_t subjects);

    /// What is gone, and marking it so again; of a table that was put together from what was left
    /// of a damaged segment, as far as there is something to mark. Errors: Corrupt.
    void save_deleted(std::string& out) const;
    enum class Groups : std::uint8_t {
        All,
        WhatIsLeft
    };
    Result<void> load_deleted(Bytes bytes, Groups which);

    std::uint64_t memory() const {
        return rows_bytes_.capacity() + groups_.capacity() * sizeof(Group);
    }
    void shrink_to_fit();

private:
    struct Group {
        Sequence first = 0;
        std::int64_t time = 0;
        std::uint64_t deleted = 0;
        std::uint32_t at = 0;  ///< In `rows_bytes_`.
        std::uint32_t block = 0;
        std::uint32_t offset = 0;
        std::uint32_t rows = 0;
    };

    Result<void> check(std::vector<std::uint32_t> const& block_sizes, std::uint32_t subjects);

    std::vector<Group> groups_;
    std::string rows_bytes_;
    Row last_;
    std::int64_t latest_ = 0;  ///< The highest time.
    std::uint64_t rows_ = 0;
    std::uint64_t live_ = 0;
};

}  // namespace signalbox::store
