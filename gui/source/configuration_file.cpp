#include "gui/source/configuration_file.h"

#include "engine/host/local_files.h"

#include <QFileInfo>
#include <QSaveFile>

namespace signalbox::gui {

namespace {

/// Why it was not written; empty when it was. A new file that may hold secrets is its owner's
/// alone.
QString written(QString const& path, std::string const& bytes) {
    bool const fresh = !QFileInfo::exists(path);
    QSaveFile file(path);
    if (!file.open(QIODevice::WriteOnly)) {
        return file.errorString();
    }
    if (fresh) {
        file.setPermissions(QFileDevice::ReadOwner | QFileDevice::WriteOwner);
    }
    file.write(bytes.data(), static_cast<qint64>(bytes.size()));
    return file.commit() ? QString() : file.errorString();
}

}  // namespace

ConfigurationFile::ConfigurationFile(QObject* parent) : QObject(parent) {
    pool_.setMaxThreadCount(1);
    connect(&watcher_, &QFileSystemWatcher::fileChanged, this,
            [this](QString const& path) { read(path, false); });
}

ConfigurationFile::~ConfigurationFile() {
    pool_.waitForDone();
}

void ConfigurationFile::open(QString const& path) {
    read(QFileInfo(path).absoluteFilePath(), true);
}

void ConfigurationFile::read(QString const& path, bool opening) {
    pool_.start([this, path, opening] {
        host::LocalFiles files;
        Result<std::string> text = files.read(path.toStdString());
        QString const error = text.ok() ? QString() : QString::fromStdString(text.error().detail());
        std::string bytes = text.ok() ? std::move(text).value() : std::string();
        QMetaObject::invokeMethod(
            this,
            [this, path, opening, bytes = std::move(bytes), error] {
                takeRead(path, opening, bytes, error);
            },
            Qt::QueuedConnection);
    });
}

void ConfigurationFile::takeRead(QString const& path, bool opening, std::string bytes,
                                 QString const& error) {
    constexpr std::string_view kMark = "\xef\xbb\xbf";
    if (!error.isEmpty()) {
        if (opening) {
            emit failed(error);
        }
        return;
    }
    if (bytes.starts_with(kMark)) {
        bytes.erase(0, kMark.size());
    }
    bool const same = path == path_ && bytes_ == bytes;
    bool const ours = path == path_;
    if (!opening && (same || !ours)) {
        // Some editors write a new file in the old one's place, which ends the watch.
        watch();
        return;
    }
    path_ = path;
    bytes_ = std::move(bytes);
    watch();
    if (opening) {
        emit opened();
    } else {
        emit changedOnDisk();
    }
}

void ConfigurationFile::save(QString const& path, std::string bytes) {
    QString const whole = QFileInfo(path).absoluteFilePath();
    pool_.start([this, whole, bytes = std::move(bytes)] {
        QString const error = written(whole, bytes);
        QMetaObject::invokeMethod(
            this, [this, whole, bytes, error] { takeSaved(whole, bytes, error); },
            Qt::QueuedConnection);
    });
}

void ConfigurationFile::takeSaved(QString const& path, std::string bytes, QString const& error) {
    if (!error.isEmpty()) {
        emit failed(tr("%1 was not written: %2").arg(path, error));
        return;
    }
    path_ = path;
    bytes_ = std::move(bytes);
    watch();
    emit saved();
}

void ConfigurationFile::forget() {
    path_.clear();
    bytes_.reset();
    watch();
}

void ConfigurationFile::watch() {
    QStringList const watched = watcher_.files();
    if (watched == QStringList{path_}) {
        return;
    }
    if (!watched.isEmpty()) {
        watcher_.removePaths(watched);
    }
    if (!path_.isEmpty()) {
        watcher_.addPath(path_);
    }
}

}  // namespace signalbox::gui
