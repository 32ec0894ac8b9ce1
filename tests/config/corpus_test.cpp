#include "engine/base/text.h"
#include "engine/config/load.h"

#include "tests/support/run_tests.h"

#include <QDir>
#include <QFile>
#include <QProcess>
#include <QStandardPaths>

#include <string>

using namespace signalbox;
using namespace signalbox::config;

namespace {

QDir corpus() {
    return QDir(QString::fromStdString(support::source_dir()) + "/tests/config/corpus");
}

class CorpusFiles : public FileReader {
public:
    Result<std::string> read(std::string const& path) override {
        QFile file(corpus().filePath(QString::fromStdString(path)));
        if (!file.open(QIODevice::ReadOnly)) {
            return Error(Errc::NotFound, concat("open ", path, ": no such file or directory"));
        }
        return file.readAll().toStdString();
    }
};

QString reference() {
    QString const found = QStandardPaths::findExecutable("nats-server");
    return found.isEmpty() ? QStandardPaths::findExecutable("nats-server", {"/usr/sbin"}) : found;
}

/// What a verdict is given for: warnings fail a test of the configuration, too.
bool accepted(std::string const& name, std::string& why) {
    CorpusFiles files;
    Result<Loaded> const result = load(CommandLine::for_file(name), files, {});
    why = result.ok() ? base::join(result.value().warnings, "\n") : result.error().detail();
    return why.empty();
}

}  // namespace

/// Whole files against the verdict of the installed nats-server. A file whose comment says
/// `differs:` has the opposite one, for the reason given there.
class CorpusTest : public QObject {
    Q_OBJECT
private slots:
    void the_verdict_is_the_references_data() {
        QTest::addColumn<QString>("name");
        for (QString const& name : corpus().entryList({"*.conf"}, QDir::Files, QDir::Name)) {
            QTest::newRow(qPrintable(name)) << name;
        }
    }
    void the_verdict_is_the_references() {
        QFETCH(QString, name);
        if (reference().isEmpty()) {
            QSKIP("nats-server is not installed");
        }
        QProcess peer;
        peer.setWorkingDirectory(corpus().path());
        peer.start(reference(), {"-t", "-c", name});
        QVERIFY(peer.waitForFinished());
        QFile file(corpus().filePath(name));
        QVERIFY(file.open(QIODevice::ReadOnly));
        bool const differs = file.readAll().contains("# differs:");
        bool const theirs = peer.exitCode() == 0;
        std::string why;
        bool const ours = accepted(name.toStdString(), why);
        QByteArray const told =
            QByteArray::fromStdString(why) + " / " + peer.readAllStandardError();
        QVERIFY2((ours == theirs) != differs, told.constData());
        // Where both find the same fault they say it in the same words.
        if (!ours && !theirs && !differs) {
            QByteArray const first = QByteArray::fromStdString(why.substr(0, why.find(" (did")));
            QVERIFY2(told.mid(told.indexOf(" / ")).contains(first), told.constData());
        }
    }
};
SIGNALBOX_TEST(CorpusTest);

#include "corpus_test.moc"
