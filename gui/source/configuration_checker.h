#pragma once

#include "gui/source/configuration.h"

#include <QObject>
#include <QThreadPool>
#include <QTimer>

#include <optional>
#include <string>

namespace signalbox::gui {

/// Reads a configuration as the service would, files it includes and the environment's variables
/// with it. Waits for the disk. `path` says where includes are looked for; it may be empty.
CheckResult checkConfiguration(std::string const& text, QString const& path);

/// What a message of the reading is about: `a.conf:3:4: unknown field …`. `name` is what the
/// checked text itself was called.
ConfigurationProblem problemOf(std::string const& line, std::string const& name);

/// Has texts checked on a thread of its own: some moments after the last change, and only the
/// newest. The window never waits for it.
class ConfigurationChecker : public QObject {
    Q_OBJECT

public:
    explicit ConfigurationChecker(QObject* parent = nullptr);
    ~ConfigurationChecker() override;

    /// A text that changes with every key pressed.
    void checkSoon(std::string text, QString path);
    void checkNow(std::string text, QString path);

    /// The number of the text handed in last.
    quint64 asked() const { return asked_; }
    /// What the newest text came to is told already.
    bool settled() const { return !waiting_ && !busy_; }

signals:
    void checked(signalbox::gui::CheckResult const& result);

private:
    struct Task {
        std::string text;
        QString path;
        quint64 number = 0;
    };

    void begin();
    void take(CheckResult const& result);

    QThreadPool pool_;
    QTimer pause_;
    std::optional<Task> waiting_;
    quint64 asked_ = 0;
    bool busy_ = false;
};

}  // namespace signalbox::gui
