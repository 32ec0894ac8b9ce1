#include "gui/theme.h"

#include "tests/support/run_tests.h"

namespace signalbox::gui {

class ThemeTest : public QObject {
    Q_OBJECT

private slots:
    void texts_and_marks_stand_out_in_both_themes_data() {
        QTest::addColumn<int>("kind");
        QTest::newRow("light") << static_cast<int>(ThemeKind::Light);
        QTest::newRow("dark") << static_cast<int>(ThemeKind::Dark);
    }
    void texts_and_marks_stand_out_in_both_themes() {
        QFETCH(int, kind);
        ThemeTokens const tokens = themeTokens(static_cast<ThemeKind>(kind));
        for (QColor const& ground : {tokens.window, tokens.base, tokens.alternate, tokens.raised,
                                     tokens.hover, tokens.selection}) {
            for (QColor const& text : {tokens.text, tokens.muted, tokens.accent, tokens.good,
                                       tokens.warning, tokens.error}) {
                QVERIFY2(contrast(text, ground) >= 4.5,
                         qPrintable(QStringLiteral("%1 on %2: %3")
                                        .arg(text.name(), ground.name())
                                        .arg(contrast(text, ground))));
            }
        }
        QVERIFY(contrast(tokens.onAccent, tokens.accent) >= 4.5);
        for (QColor const& color : tokens.series) {
            QVERIFY2(contrast(color, tokens.base) >= 3, qPrintable(color.name()));
        }
    }

    void contrast_is_that_of_the_standard() {
        QVERIFY(std::abs(contrast(Qt::white, Qt::black) - 21) < 0.01);
        QVERIFY(std::abs(contrast(Qt::white, QColor(0x767676)) - 4.54) < 0.01);
    }
};

SIGNALBOX_TEST(ThemeTest);

}  // namespace signalbox::gui

#include "theme_test.moc"
