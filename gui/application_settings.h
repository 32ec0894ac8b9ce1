#pragma once

#include <QSettings>
#include <QString>
#include <QVariant>

#include <memory>

namespace signalbox::gui {

/// What is remembered from one start to the next: layout, theme, widths of columns. Versioned, so
/// that what an older program wrote is left alone instead of misread.
class ApplicationSettings {
public:
    /// Where the system keeps settings of a user, or in a folder of one's choice.
    static ApplicationSettings ofUser();
    static ApplicationSettings inFolder(QString const& folder);
    /// Remembers nothing and touches nothing: for pictures and tests.
    static ApplicationSettings none() { return ApplicationSettings(nullptr); }

    static constexpr int kLayoutVersion = 1;

    QVariant value(QString const& key, QVariant const& fallback = {}) const;
    void setValue(QString const& key, QVariant const& value);

    /// Where the file is; empty when nothing is remembered.
    QString folder() const;
    /// In a folder of one's choice, which may be carried elsewhere.
    bool isPortable() const { return portable_; }

    bool remembers() const { return store_ != nullptr; }

private:
    explicit ApplicationSettings(std::unique_ptr<QSettings> store, bool portable = false)
        : store_(std::move(store)), portable_(portable) {}

    std::unique_ptr<QSettings> store_;
    bool portable_;
};

}  // namespace signalbox::gui
