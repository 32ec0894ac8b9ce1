#include "engine/store/journal/journal_scan.h"

#include <algorithm>
#include <optional>

namespace signalbox::store {
namespace {

struct PlacedRecord {
    RecordHeader header;
    std::uint64_t offset = 0;  ///< Of the header.
    bool whole = false;
};

struct Commit {
    CommitFrame frame;
    std::uint64_t begin = 0;
    std::uint64_t end = 0;
    std::vector<PlacedRecord> records;
};

class Scan {
public:
    Scan(Bytes file, JournalFileHeader const& header, JournalPoint before, ScanVisitor& visitor)
        : file_(file), seed_(header.id, header.number), point_(before), visitor_(visitor) {}

    ScanResult run(std::uint64_t proven) {
        proven_ = proven;
        while (at_ + kRecordHeaderSize <= file_.size()) {
            std::optional<Commit> const commit = whole_commit();
            if (commit) {
                deliver(*commit);
                continue;
            }
            std::optional<CommitFrame> const frame = next_frame();
            if (!frame) {
                break;
            }
            proven_ = std::max(proven_, highest_proof());
            if (point_.commit + 1 > proven_) {
                break;
            }
            salvage(*frame);
        }
        finish();
        return result_;
    }

private:
    /// The commit that begins at `at_`, when nothing is wrong with it.
    std::optional<Commit> whole_commit() const {
        Commit commit;
        commit.begin = at_;
        std::string headers;
        std::uint64_t at = at_;
        while (at + kRecordHeaderSize <= file_.size() &&
               file_[at] != static_cast<char>(RecordKind::Frame)) {
            std::optional<PlacedRecord> const record = record_at(at);
            if (!record || !record->whole) {
                return std::nullopt;
            }
            headers.append(file_.substr(at, kRecordHeaderSize));
            commit.records.push_back(*record);
            at += kRecordHeaderSize + padded(record->header.length);
        }
        Result<CommitFrame> const frame = frame_at(at);
        if (!frame.ok()) {
            return std::nullopt;
        }
        commit.frame = frame.value();
        commit.end = at + kRecordHeaderSize * (1 + commit.records.size());
        bool const fits = commit.frame.records == commit.records.size() &&
                          commit.frame.bytes == at - at_ && commit.end <= file_.size() &&
                          commit.frame.commit == point_.commit + 1 &&
                          commit.frame.chain == chain_hash(headers, point_.chain);
        return fits ? std::optional(std::move(commit)) : std::nullopt;
    }

    std::optional<PlacedRecord> record_at(std::uint64_t at) const {
        if (at + kRecordHeaderSize > file_.size()) {
            return std::nullopt;
        }
        Result<RecordHeader> const header =
            decode_record_header(file_.substr(at, kRecordHeaderSize), seed_.at(at));
        if (!header.ok()) {
            return std::nullopt;
        }
        return place(header.value(), at);
    }

    PlacedRecord place(RecordHeader const& header, std::uint64_t at) const {
        std::uint64_t const begin = at + kRecordHeaderSize;
        bool const inside = begin <= file_.size() && header.length <= file_.size() - begin;
        return {header, at,
                inside && payload_checksum(file_.substr(begin, header.length), seed_.at(at)) ==
                              header.payload_checksum};
    }

    Result<CommitFrame> frame_at(std::uint64_t at) const {
        if (at + kRecordHeaderSize > file_.size()) {
            return Error(Errc::Corrupt, "the file ends before");
        }
        return decode_commit_frame(file_.substr(at, kRecordHeaderSize), seed_.at(at));
    }

    /// Of a commit that is still to come; finds its place as well.
    std::optional<CommitFrame> next_frame() {
        for (std::uint64_t at = at_; at + kRecordHeaderSize <= file_.size(); at += 8) {
            if (file_[at] != static_cast<char>(RecordKind::Frame)) {
                continue;
            }
            Result<CommitFrame> const frame = frame_at(at);
            if (frame.ok() && frame.value().commit > point_.commit &&
                frame.value().bytes <= at - at_) {
                frame_offset_ = at;
                return frame.value();
            }
        }
        return std::nullopt;
    }

    std::uint64_t highest_proof() const {
        std::uint64_t highest = 0;
        for (std::uint64_t at = at_; at + kRecordHeaderSize <= file_.size(); at += 8) {
            if (file_[at] == static_cast<char>(RecordKind::Frame)) {
                Result<CommitFrame> const frame = frame_at(at);
                highest = std::max(highest, frame.ok() ? frame.value().proves() : 0);
            }
        }
        return highest;
    }

    void deliver(Commit const& commit) {
        for (PlacedRecord const& record : commit.records) {
            visitor_.record(record.header,
                            file_.substr(record.offset + kRecordHeaderSize, record.header.length));
        }
        point_ = {commit.frame.commit, commit.frame.chain};
        at_ = commit.end;
    }

    /// What can be told of the commit that ends in a frame that is whole, and of those before it.
    void salvage(CommitFrame const& frame) {
        result_.damaged = true;
        if (frame.commit > point_.commit + 1) {
            visitor_.gap(point_.commit + 1, frame.commit - 1);
        }
        std::uint64_t const begin = frame_offset_ - frame.bytes;
        std::vector<PlacedRecord> records = from_copies(frame, begin);
        if (records.size() != frame.records) {
            records = from_headers(begin);
        }
        if (records.size() != frame.records) {
            visitor_.gap(frame.commit, frame.commit);
        }
        for (PlacedRecord const& record : records) {
            if (record.whole) {
                visitor_.record(record.header, file_.substr(record.offset + kRecordHeaderSize,
                                                            record.header.length));
            } else {
                visitor_.lost(record.header);
            }
        }
        point_ = {frame.commit, frame.chain};
        at_ = std::min<std::uint64_t>(
            frame_offset_ + kRecordHeaderSize * (std::uint64_t{1} + frame.records), file_.size());
    }

    std::vector<PlacedRecord> from_copies(CommitFrame const& frame, std::uint64_t begin) const {
        std::uint64_t const copies = frame_offset_ + kRecordHeaderSize;
        std::uint64_t const size = std::uint64_t{frame.records} * kRecordHeaderSize;
        if (size > file_.size() - copies) {
            return {};
        }
        Bytes const bytes = file_.substr(copies, size);
        if (static_cast<std::uint32_t>(payload_checksum(bytes, seed_.at(frame_offset_))) !=
            frame.copies_checksum) {
            return {};
        }
        std::vector<PlacedRecord> records;
        std::uint64_t at = begin;
        for (std::uint32_t i = 0; i < frame.records; ++i) {
            // A copy's checksum is that of the place of the header it was copied from.
            Result<RecordHeader> const header = decode_record_header(
                bytes.substr(i * kRecordHeaderSize, kRecordHeaderSize), seed_.at(at));
            if (!header.ok()) {
                return {};
            }
            records.push_back(place(header.value(), at));
            at += kRecordHeaderSize + padded(header.value().length);
        }
        return records;
    }

    std::vector<PlacedRecord> from_headers(std::uint64_t begin) const {
        std::vector<PlacedRecord> records;
        for (std::uint64_t at = begin; at < frame_offset_;) {
            std::optional<PlacedRecord> const record = record_at(at);
            if (!record) {
                break;
            }
            records.push_back(*record);
            at += kRecordHeaderSize + padded(record->header.length);
        }
        return records;
    }

    void finish() {
        if (point_.commit < proven_) {
            result_.damaged = true;
            visitor_.gap(point_.commit + 1, proven_);
        } else {
            result_.torn = record_at(at_).has_value();
        }
        result_.end = point_;
        result_.offset = at_;
    }

    Bytes file_;
    FileSeed seed_;
    JournalPoint point_;
    ScanVisitor& visitor_;
    std::uint64_t at_ = kJournalHeaderSize;
    std::uint64_t proven_ = 0;
    std::uint64_t frame_offset_ = 0;
    ScanResult result_;
};

}  // namespace

ScanResult scan_journal_file(Bytes file, JournalFileHeader const& header, JournalPoint before,
                             std::uint64_t proven, ScanVisitor& visitor) {
    return Scan(file, header, before, visitor).run(proven);
}

}  // namespace signalbox::store
