#include "gui/widgets/profile_strip.h"

#include "gui/theme.h"

#include <QHBoxLayout>
#include <QLabel>

namespace signalbox::gui {

namespace {

QString stateText(BrokerState state) {
    switch (state) {
        case BrokerState::Stopped:
        case BrokerState::Stopping:
            return ProfileStrip::tr("not attached");
        case BrokerState::Starting:
            return ProfileStrip::tr("attaching…");
        case BrokerState::Running:
            return ProfileStrip::tr("attached");
        case BrokerState::Lost:
            return ProfileStrip::tr("connection lost");
    }
    return {};
}

QString environmentText(QString const& environment) {
    if (environment == QLatin1String("prod")) {
        return ProfileStrip::tr("PRODUCTION");
    }
    return environment == QLatin1String("test") ? ProfileStrip::tr("test")
                                                : ProfileStrip::tr("development");
}

}  // namespace

ProfileStrip::ProfileStrip(QWidget* parent)
    : QWidget(parent), name_(new QLabel), place_(new QLabel), may_(new QLabel) {
    setAttribute(Qt::WA_StyledBackground);
    setAccessibleName(tr("The server this window looks at"));
    name_->setFont(Theme::scaled(1.0, QFont::DemiBold));
    may_->setFont(Theme::scaled(1.0, QFont::DemiBold));
    for (QLabel* const label : {name_, place_, may_}) {
        label->setTextFormat(Qt::PlainText);
    }
    auto* const row = new QHBoxLayout(this);
    row->setContentsMargins(12, 3, 12, 3);
    row->setSpacing(kSpace * 2);
    row->addWidget(name_);
    row->addWidget(place_, 1);
    row->addWidget(may_);
}

void ProfileStrip::show(SourceTitle const& title, QString const& url, BrokerState state) {
    // White reads well on every colour a profile can have, in both themes.
    setStyleSheet(
        QStringLiteral("signalbox--gui--ProfileStrip { background: %1; }"
                       "QLabel { color: white; background: transparent; }")
            .arg(QColor(title.color).isValid() ? title.color : QStringLiteral("#4d5b66")));
    name_->setText(QStringLiteral("%1 · %2").arg(environmentText(title.environment), title.name));
    place_->setText(QStringLiteral("%1, %2").arg(url, stateText(state)));
    may_->setText(title.readOnly ? tr("looking only") : tr("can write"));
}

}  // namespace signalbox::gui
