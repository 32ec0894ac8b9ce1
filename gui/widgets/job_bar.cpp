#include "gui/widgets/job_bar.h"

#include "gui/icons.h"
#include "gui/theme.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QProgressBar>
#include <QStyle>
#include <QToolButton>

#include <algorithm>

namespace signalbox::gui {

JobBar::JobBar(QWidget* parent)
    : QWidget(parent), text_(new QLabel), bar_(new QProgressBar), cancel_(new QToolButton) {
    text_->setAccessibleName(tr("What is under way"));
    text_->setTextFormat(Qt::PlainText);  // it quotes what servers say
    text_->setWordWrap(true);
    bar_->setAccessibleName(tr("How far it is"));
    bar_->setMaximumWidth(220);
    bar_->setTextVisible(false);
    cancel_->setIcon(icon(QStringLiteral("close")));
    cancel_->setAccessibleName(tr("Give up, or hide this"));
    cancel_->setToolTip(tr("Give up, or hide this"));
    connect(cancel_, &QToolButton::clicked, this, [this] {
        if (busy_) {
            emit cancelled();
        } else {
            hide();
        }
    });
    auto* const row = new QHBoxLayout(this);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(kSpace);
    row->addWidget(text_, 1);
    row->addWidget(bar_);
    row->addWidget(cancel_);
    hide();
}

void JobBar::say(QString const& text, char const* role) {
    text_->setText(text);
    text_->setProperty("role", role);
    text_->style()->unpolish(text_);
    text_->style()->polish(text_);
}

void JobBar::begin(QString const& text, bool cancellable) {
    busy_ = true;
    say(text, "muted");
    bar_->setRange(0, 0);
    bar_->show();
    cancel_->setVisible(cancellable);
    show();
}

void JobBar::progress(quint64 done, quint64 total, QString const& text) {
    say(text, "muted");
    bar_->setRange(0, total == 0 ? 0 : 1'000);
    if (total > 0) {
        bar_->setValue(static_cast<int>(std::min<quint64>(1'000, done * 1'000 / total)));
    }
}

void JobBar::end(QString const& text, bool good) {
    busy_ = false;
    say(text, good ? "good" : "error");
    bar_->hide();
    cancel_->show();
    setVisible(!text.isEmpty());
}

}  // namespace signalbox::gui
