#pragma once

#include <QFileSystemWatcher>
#include <QObject>
#include <QString>
#include <QThreadPool>

#include <optional>
#include <string>

namespace signalbox::gui {

/// A configuration's file: read, written whole or not at all, and watched. Disks are waited for on
/// a thread of its own.
class ConfigurationFile : public QObject {
    Q_OBJECT

public:
    explicit ConfigurationFile(QObject* parent = nullptr);
    ~ConfigurationFile() override;

    /// Empty: there is none yet.
    QString const& path() const { return path_; }
    /// What the file holds, as far as is known.
    std::optional<std::string> const& bytes() const { return bytes_; }

    /// Ends in `opened` or `failed`.
    void open(QString const& path);
    /// Ends in `saved` or `failed`; before that the file is as it was.
    void save(QString const& path, std::string bytes);
    /// No file any more.
    void forget();

signals:
    void opened();
    void saved();
    /// Somebody else wrote it; `bytes` is what it holds now.
    void changedOnDisk();
    /// A sentence for a person.
    void failed(QString const& why);

private:
    void read(QString const& path, bool opening);
    void takeRead(QString const& path, bool opening, std::string bytes, QString const& error);
    void takeSaved(QString const& path, std::string bytes, QString const& error);
    void watch();

    QThreadPool pool_;
    QFileSystemWatcher watcher_;
    QString path_;
    std::optional<std::string> bytes_;
};

}  // namespace signalbox::gui
