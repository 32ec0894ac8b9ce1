#include "gui/application_settings.h"

#include <QDir>
#include <QFileInfo>

namespace signalbox::gui {

ApplicationSettings ApplicationSettings::ofUser() {
    return ApplicationSettings(
        std::make_unique<QSettings>(QSettings::IniFormat, QSettings::UserScope,
                                    QStringLiteral("signalbox"), QStringLiteral("workbench")));
}

ApplicationSettings ApplicationSettings::inFolder(QString const& folder) {
    QDir().mkpath(folder);
    return ApplicationSettings(
        std::make_unique<QSettings>(QDir(folder).filePath(QStringLiteral("workbench.ini")),
                                    QSettings::IniFormat),
        true);
}

QString ApplicationSettings::folder() const {
    return store_ ? QFileInfo(store_->fileName()).absolutePath() : QString();
}

QVariant ApplicationSettings::value(QString const& key, QVariant const& fallback) const {
    return store_ ? store_->value(QStringLiteral("v%1/%2").arg(kLayoutVersion).arg(key), fallback)
                  : fallback;
}

void ApplicationSettings::setValue(QString const& key, QVariant const& value) {
    if (store_) {
        store_->setValue(QStringLiteral("v%1/%2").arg(kLayoutVersion).arg(key), value);
    }
}

}  // namespace signalbox::gui
