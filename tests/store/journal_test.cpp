#include "engine/store/journal/journal.h"

#include "tests/store/store_stage.h"
#include "tests/support/run_tests.h"

namespace signalbox::store {

namespace {

/// Writes commits to a journal on a simulated disk.
class Writer final : public JournalOwner {
public:
    explicit Writer(StoreStage& stage)
        : journal(*stage.world, *this, {.directory = "/j", .file_size = 1 << 20}), stage_(stage) {
        bool started = false;
        stage.world->run([&] {
            journal.start({.id = {1, 2, 3}}, [&](Result<void> const& r) { started = r.ok(); });
        });
        CHECK(stage.universe.simulation().run_until([&] { return started; }, base::seconds(1)));
    }

    /// One commit with so many records; returns when it is synced.
    void commit(int records, std::size_t bytes) {
        std::uint64_t const before = done;
        stage_.world->run([&] {
            for (int i = 0; i < records; ++i) {
                std::string const payload = concat(++written, std::string(bytes, 'p'));
                Bytes const piece = payload;
                journal.append({.group = 5, .index = written}, {&piece, 1}, world::Disk::Sync::Now);
            }
        });
        CHECK(stage_.universe.simulation().run_until([&] { return done > before; },
                                                     base::seconds(1)));
    }

    std::string file() const {
        std::string bytes =
            stage_.universe.simulation().files_of("m").at("/j/00000001.journal").content;
        // A commit ends at a multiple of eight, with bytes that may be zeros.
        return bytes.substr(0, padded(bytes.find_last_not_of('\0') + 1));
    }

    void submitted(GroupCommitPtr const&) override {}
    void committed(GroupCommitPtr const&) override { ++done; }
    void journal_failed(Error const&) override { CHECK(false); }

    Journal journal;
    std::uint64_t done = 0;
    std::uint64_t written = 0;

private:
    StoreStage& stage_;
};

struct Seen final : public ScanVisitor {
    void record(RecordHeader const& header, Bytes payload) override {
        wrong = wrong ||
                payload !=
                    concat(header.index,
                           std::string(payload.size() - std::to_string(header.index).size(), 'p'));
        indexes.push_back(header.index);
    }
    void lost(RecordHeader const& header) override { lost_indexes.push_back(header.index); }
    void gap(std::uint64_t first, std::uint64_t last) override { missing += last + 1 - first; }

    std::vector<std::uint64_t> indexes;
    std::vector<std::uint64_t> lost_indexes;
    std::uint64_t missing = 0;
    bool wrong = false;
};

ScanResult scan(std::string const& file, Seen& seen, std::uint64_t proven = 0) {
    Result<JournalFileHeader> const header = decode_journal_file_header(file);
    CHECK(header.ok());
    return scan_journal_file(file, header.value(), {}, proven, seen);
}

}  // namespace

/// What a journal file says after anything may have happened to it.
class JournalTest : public QObject {
    Q_OBJECT

private slots:
    void what_was_written_is_read() {
        StoreStage stage(1);
        Writer writer(stage);
        writer.commit(3, 10);
        writer.commit(1, 0);
        writer.commit(2, 3000);
        Seen seen;
        ScanResult const result = scan(writer.file(), seen);
        QCOMPARE(seen.indexes, (std::vector<std::uint64_t>{1, 2, 3, 4, 5, 6}));
        QVERIFY(!seen.wrong && !result.damaged && !result.torn);
        QCOMPARE(result.end.commit, std::uint64_t{3});
    }

    void a_tail_cut_anywhere_is_torn_and_not_damaged() {
        StoreStage stage(2);
        Writer writer(stage);
        std::vector<std::pair<std::size_t, std::uint64_t>> ends{{kJournalHeaderSize, 0}};
        for (int i = 0; i < 3; ++i) {
            writer.commit(2 + i, 40);
            ends.emplace_back(writer.file().size(), writer.written);
        }
        std::string const file = writer.file();
        for (std::size_t size = kJournalHeaderSize; size < file.size(); ++size) {
            Seen seen;
            // What was cut off reads as zeros, as in a file that was reserved.
            std::string cut = file.substr(0, size);
            cut.resize(file.size() + 100);
            ScanResult const result = scan(cut, seen);
            std::uint64_t expected = 0;
            for (auto const& [end, index] : ends) {
                expected = size >= end ? index : expected;
            }
            // A commit is there once its frame is; what follows that are copies.
            QVERIFY(seen.indexes.size() >= expected);
            QVERIFY(seen.indexes.size() == expected || seen.indexes.size() <= expected + 4);
            QVERIFY(!seen.wrong && !result.damaged && seen.missing == 0);
        }
    }

    void a_flipped_bit_below_the_watermark_is_damage_and_above_it_torn() {
        StoreStage stage(3);
        Writer writer(stage);
        writer.commit(2, 30);
        writer.commit(3, 50);
        std::size_t const last_begins = writer.file().size();
        writer.commit(2, 30);
        std::string const file = writer.file();
        for (std::size_t at = kJournalHeaderSize; at < file.size(); ++at) {
            for (int bit = 0; bit < 8; ++bit) {
                std::string flipped = file;
                flipped[at] = static_cast<char>(flipped[at] ^ (1 << bit));
                Seen seen;
                ScanResult const result = scan(flipped, seen);
                QVERIFY(!seen.wrong);
                if (at >= last_begins) {
                    QVERIFY(!result.damaged);
                    QVERIFY(seen.indexes.size() >= 5);
                } else {
                    std::size_t const told = seen.indexes.size() + seen.lost_indexes.size();
                    // A copy of a header that is damaged takes nothing away.
                    QVERIFY(told == 7 || seen.missing > 0);
                    QVERIFY(told == 7 || result.damaged);
                }
            }
        }
    }

    void what_is_proven_from_elsewhere_is_missed_when_it_is_gone() {
        StoreStage stage(4);
        Writer writer(stage);
        writer.commit(1, 30);
        std::size_t const size = writer.file().size();
        writer.commit(1, 30);
        Seen seen;
        ScanResult const result = scan(writer.file().substr(0, size), seen, 2);
        QVERIFY(result.damaged);
        QCOMPARE(seen.missing, std::uint64_t{1});
        QCOMPARE(seen.indexes.size(), 1U);
    }

    void a_quiet_journal_proves_its_last_commit() {
        StoreStage stage(5);
        Writer writer(stage);
        writer.commit(2, 30);
        std::size_t const end = writer.file().size();
        stage.settle();
        std::string const file = writer.file();
        QVERIFY(file.size() > end);
        for (std::size_t at = kJournalHeaderSize; at < end; ++at) {
            std::string flipped = file;
            flipped[at] = static_cast<char>(flipped[at] ^ 16);
            Seen seen;
            ScanResult const result = scan(flipped, seen);
            QVERIFY(!seen.wrong);
            QVERIFY(seen.indexes.size() == 2 || result.damaged);
        }
    }
};

SIGNALBOX_TEST(JournalTest);

}  // namespace signalbox::store

#include "journal_test.moc"
