#include "tests/consensus/storage_stage.h"
#include "tests/support/run_tests.h"

namespace signalbox::consensus {

namespace {

/// A storage that was used and has ended; the files are what is left of it.
class Remains {
public:
    enum class End {
        Clean,
        PowerCut
    };

    explicit Remains(End end) {
        StorageStage stage(3);
        CHECK(stage.start());
        id_ = stage.create({.description = "one"});
        // After a power cut all of it is in the journal alone, but for what two checkpoints took.
        for (int i = 0; i < 120; ++i) {
            std::string const text = concat(
                "s.", i % 5, " ", std::string(static_cast<std::size_t>(10 + i * 31 % 130), 'x'), i);
            stage.propose(id_, "+" + text);
            if (i % 3 == 0) {
                stage.run_for(base::milliseconds(1));
            }
            if (i == 20 || i == 40) {
                CHECK(stage.checkpoint());
            }
        }
        stage.run_for(base::milliseconds(100));
        acknowledged_ = stage.ledgers[id_]->acknowledged;
        CHECK(acknowledged_.size() == 120);
        CHECK(end == End::PowerCut || stage.close());
        stage.stop(true);
        files = stage.files();
    }

    /// Opens what `files` are then: empty when nothing wrong is served and all that is missing was
    /// reported.
    std::string verdict(sim::SimFiles const& found) const {
        StorageStage stage(4);
        stage.files() = found;
        if (!stage.start()) {
            return stage.failure.empty() ? "not opened, without a word" : "";
        }
        bool missing = stage.storage->find(id_) == nullptr;
        for (auto const& [sequence, text] : acknowledged_) {
            std::string const message = missing ? "-" : stage.message(id_, sequence);
            if (message != text && message != "-" && message != "!") {
                return concat("message ", sequence, " is ", message);
            }
            missing = missing || message != text;
        }
        StorageHealth const health = stage.storage->health();
        bool const reported =
            health.damage_found || health.damaged_messages > 0 || health.lost_entries > 0;
        if (missing && (!reported || stage.lines.errors == 0)) {
            return "something is missing, and not reported";
        }
        return {};
    }

    sim::SimFiles files;

private:
    StreamId id_ = 0;
    std::map<store::Sequence, std::string> acknowledged_;
};

QString text(std::string const& what) {
    return QString::fromStdString(what);
}

void both_ends() {
    QTest::addColumn<bool>("clean");
    QTest::newRow("clean stop") << true;
    QTest::newRow("power cut") << false;
}

}  // namespace

/// Whatever is damaged on one disk: nothing wrong is served, and what is missing is reported.
class StorageDamageTest : public QObject {
    Q_OBJECT

private slots:
    void a_flipped_bit_anywhere_is_never_served_data() { both_ends(); }

    void a_flipped_bit_anywhere_is_never_served() {
        QFETCH(bool, clean);
        Remains const remains(clean ? Remains::End::Clean : Remains::End::PowerCut);
        QCOMPARE(remains.verdict(remains.files), std::string());
        unsigned bit = 0;
        for (auto const& [path, file] : remains.files) {
            // Every byte of what is small and said once, some of what is large.
            std::size_t const step = file.content.size() < 400 ? 1 : 11;
            for (std::size_t at = 0; at < file.content.size(); at += step) {
                // Nothing was ever written there.
                if (file.content.find_first_not_of('\0', at) == std::string::npos) {
                    break;
                }
                sim::SimFiles damaged = remains.files;
                char& byte = damaged[path].content[at];
                byte = static_cast<char>(byte ^ (1 << (bit++ % 8)));
                std::string const wrong = remains.verdict(damaged);
                QVERIFY2(wrong.empty(), qPrintable(text(concat(path, " at ", at, ": ", wrong))));
            }
        }
    }

    void a_file_that_is_cut_or_gone_is_reported_data() { both_ends(); }

    void a_file_that_is_cut_or_gone_is_reported() {
        QFETCH(bool, clean);
        Remains const remains(clean ? Remains::End::Clean : Remains::End::PowerCut);
        for (auto const& [path, file] : remains.files) {
            sim::SimFiles without = remains.files;
            without.erase(path);
            std::string const wrong = remains.verdict(without);
            QVERIFY2(wrong.empty(), qPrintable(text(concat("without ", path, ": ", wrong))));
            for (std::size_t size = 0; size < file.content.size();
                 size += 1 + file.content.size() / 23) {
                sim::SimFiles cut = remains.files;
                cut[path].content.resize(size);
                std::string const worse = remains.verdict(cut);
                QVERIFY2(worse.empty(),
                         qPrintable(text(concat(path, " cut to ", size, ": ", worse))));
            }
        }
    }

    void an_emptied_directory_is_no_fresh_start() {
        Remains const remains(Remains::End::Clean);
        sim::SimFiles left = remains.files;
        left.erase("/data/manifest.0");
        left.erase("/data/manifest.1");
        StorageStage stage(5);
        stage.files() = left;
        QVERIFY(!stage.start());
        QVERIFY(!stage.failure.empty());
        // And nothing was touched.
        QCOMPARE(stage.files().size(), left.size());
    }

    void an_older_copy_of_a_file_is_never_served() {
        Remains const remains(Remains::End::Clean);
        Remains const older(Remains::End::PowerCut);
        for (auto const& [path, file] : older.files) {
            sim::SimFiles mixed = remains.files;
            if (mixed.contains(path)) {
                mixed[path] = file;
                std::string const wrong = remains.verdict(mixed);
                QVERIFY2(wrong.empty(), qPrintable(text(concat(path, ": ", wrong))));
            }
        }
    }
};

SIGNALBOX_TEST(StorageDamageTest);

}  // namespace signalbox::consensus

#include "storage_damage_test.moc"
